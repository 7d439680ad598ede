#include "Connection.h"

#include <openssl/ssl.h>

#include <memory>

#include <Poco/File.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Parser.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/SSLException.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>

namespace Patchbay::Client {

namespace {

constexpr int MostSeconds = 60;

/// {"error": ..., "problems": [...]} as lines.
std::string errorIn(const Response& response) {
  try {
    const auto body = Poco::JSON::Parser().parse(response.text).extract<Poco::JSON::Object::Ptr>();
    std::string text = body->optValue<std::string>("error", response.text);
    const auto problems = body->getArray("problems");
    for (size_t i = 0; problems && i < problems->size(); ++i) {
      const std::string line = problems->getElement<std::string>(static_cast<unsigned>(i));
      if (text.find(line) == std::string::npos) text += "\n  " + line;
    }
    return text;
  } catch (const Poco::Exception&) {
    return response.text.empty() ? "HTTP status " + std::to_string(response.status) : response.text;
  }
}

Poco::Net::Context::Ptr contextFor(const Target& target) {
  using Poco::Net::Context;
  Context::Params params;
  params.caLocation = target.ca;
  params.loadDefaultCAs = target.ca.empty();
  params.verificationMode = Context::VERIFY_STRICT;
  if (!target.ca.empty() && !Poco::File(target.ca).exists()) throw Failure{wrongUse, "there is no file " + target.ca + " (--ca=FILE)"};
  Context::Ptr context = new Context(Context::TLS_CLIENT_USE, params);
  SSL_CTX* const raw = context->sslContext();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  // POCO's own callback would ask its SSLManager, and the user
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
  context->enableExtendedCertificateVerification(!target.pinned);
  if (target.pinned) X509_STORE_set_flags(SSL_CTX_get_cert_store(raw), X509_V_FLAG_PARTIAL_CHAIN);
  return context;
}

std::unique_ptr<Poco::Net::HTTPClientSession> sessionTo(const Poco::URI& uri, const Target& target) {
  if (uri.getScheme() == "http") return std::make_unique<Poco::Net::HTTPClientSession>(uri.getHost(), uri.getPort());
  return std::make_unique<Poco::Net::HTTPSClientSession>(uri.getHost(), uri.getPort(), contextFor(target));
}

}  // namespace

Poco::Dynamic::Var Response::json() const {
  try {
    return Poco::JSON::Parser().parse(text);
  } catch (const Poco::Exception& error) {
    throw Failure{serverFault, "the server's answer is no JSON: " + error.displayText()};
  }
}

Response Connection::ask(const std::string& method, const std::string& path, const std::string& body) const {
  try {
    const Poco::URI uri(_target.url);
    if ((uri.getScheme() != "http" && uri.getScheme() != "https") || uri.getHost().empty()) throw Poco::SyntaxException(_target.url);
    const auto made = sessionTo(uri, _target);
    auto& session = *made;
    session.setTimeout(Poco::Timespan(MostSeconds, 0));
    Poco::Net::HTTPRequest request(method, path, Poco::Net::HTTPRequest::HTTP_1_1);
    if (!_target.token.empty()) request.set("Authorization", "Bearer " + _target.token);
    if (!body.empty()) request.setContentType("application/json");
    request.setContentLength64(static_cast<Poco::Int64>(body.size()));
    session.sendRequest(request) << body << std::flush;
    Poco::Net::HTTPResponse answer;
    Response response;
    Poco::StreamCopier::copyToString(session.receiveResponse(answer), response.text);
    response.status = answer.getStatus();
    return response;
  } catch (const Poco::SyntaxException&) {
    throw Failure{wrongUse, "'" + _target.url + "' is not of the form http://127.0.0.1:5088 or https://sip.example.org:5088 (--admin=URL)"};
  } catch (const Poco::Net::SSLException& error) {
    throw Failure{unreachable, "the server at " + _target.url + " does not prove that it is the right one: " + error.displayText() +
                                   "\nWho may vouch for it is said by --ca=FILE or $PATCHBAY_CA" +
                                   (_target.ca.empty() ? " (now: whom the system trusts)." : " (now: " + _target.ca + ").")};
  } catch (const Poco::Exception& error) {
    throw Failure{unreachable, "no answer from " + _target.url + ": " + error.displayText() +
                                   "\nDoes the server run, with <admin> in its configuration? Another address is given by --admin=URL."};
  }
}

Response Connection::operate(const std::string& method, const std::string& path, const std::string& body) const {
  Response response = ask(method, "/api/v1" + path, body);
  if (response.status < 200 || response.status > 299) fail(response);
  return response;
}

void Connection::fail(const Response& response) const {
  const std::string error = errorIn(response);
  if (response.status == 401)
    throw Failure{notAllowed, error + "\nGive a token by --token=TOKEN, --token-file=FILE or $PATCHBAY_TOKEN" +
                                  (_target.token.empty() ? "; there is none (that this user may read) in " + _target.tried : "")};
  if (response.status == 403) throw Failure{notAllowed, error};
  if (response.status == 400) throw Failure{wrongUse, error};
  throw Failure{response.status >= 500 ? serverFault : refused, error};
}

}  // namespace Patchbay::Client
