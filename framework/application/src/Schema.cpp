#include <map>

#include "Reference.h"

namespace Patchbay::Application {

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string documentation(const std::string& text) {
  return text.empty() ? "" : "<xs:annotation><xs:documentation>" + escaped(text) + "</xs:documentation></xs:annotation>";
}

/// Values may hold ${...}, so types are only told, not enforced.
std::string attribute(const Pipeline::Parameter& parameter) {
  std::string text = parameter.summary + " (" + Pipeline::nameOf(parameter.type) + ")";
  if (parameter.fallback) text += " Default: " + *parameter.fallback;
  return "      <xs:attribute name=\"" + parameter.name + "\" type=\"xs:string\"" + (parameter.required ? " use=\"required\"" : "") + ">" +
         documentation(text) + "</xs:attribute>\n";
}

std::string element(const Pipeline::ActionDeclaration& action) {
  std::string out = "  <xs:element name=\"" + action.name + "\">" + documentation(action.summary) + "\n    <xs:complexType>\n";
  for (const auto& parameter : action.parameters) out += attribute(parameter);
  return out + "    </xs:complexType>\n  </xs:element>\n";
}

const char* const Head = R"(<?xml version="1.0" encoding="UTF-8"?>
<!-- Made by `make docs` from the bundles' declarations: edits here are lost. -->
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:patchbay:routing" targetNamespace="urn:patchbay:routing" elementFormDefault="qualified">
  <xs:element name="routing"><xs:complexType><xs:choice minOccurs="0" maxOccurs="unbounded">
    <xs:element ref="define"/><xs:element ref="include"/><xs:element ref="pipeline"/>
  </xs:choice></xs:complexType></xs:element>
  <xs:element name="define"><xs:complexType><xs:attribute name="name" use="required"/><xs:attribute name="value"/></xs:complexType></xs:element>
  <xs:element name="include"><xs:complexType><xs:attribute name="file" use="required"/></xs:complexType></xs:element>
  <xs:element name="pipeline"><xs:complexType><xs:group ref="steps"/>
    <xs:attribute name="name" use="required"/>)";

const char* const Structure = R"(
    <xs:attribute name="on-error"/></xs:complexType></xs:element>
  <xs:element name="rule"><xs:complexType><xs:sequence><xs:group ref="steps"/><xs:element ref="else" minOccurs="0"/></xs:sequence>
    <xs:attribute name="name"/><xs:attribute name="if"/></xs:complexType></xs:element>
  <xs:element name="else"><xs:complexType><xs:group ref="steps"/></xs:complexType></xs:element>
  <xs:element name="first"><xs:complexType><xs:choice maxOccurs="unbounded"><xs:element ref="rule"/><xs:element ref="include"/></xs:choice>
    <xs:attribute name="name"/></xs:complexType></xs:element>
  <xs:element name="route"><xs:complexType><xs:attribute name="name" use="required"/></xs:complexType></xs:element>
  <xs:element name="return"><xs:complexType><xs:attribute name="value"/></xs:complexType></xs:element>
  <xs:element name="stop"><xs:complexType/></xs:element>
  <xs:element name="set"><xs:complexType><xs:attribute name="name" use="required"/><xs:attribute name="value" use="required"/></xs:complexType></xs:element>
  <xs:group name="steps"><xs:sequence><xs:choice minOccurs="0" maxOccurs="unbounded">
    <xs:element ref="rule"/><xs:element ref="first"/><xs:element ref="route"/><xs:element ref="return"/><xs:element ref="stop"/><xs:element ref="set"/>
    <xs:element ref="include"/>
)";

}  // namespace

std::string routingSchema(const std::vector<Bundle::Loaded>& bundles) {
  std::map<std::string, std::string> elements;
  std::string entries;
  for (const auto& bundle : bundles) {
    for (const auto& action : bundle.declaration.actions)
      if (action.step) elements[action.name] = element(action);
    for (const auto& entry : bundle.declaration.entries) entries += "<xs:enumeration value=\"" + entry.name + "\"/>";
  }
  std::string out = Head;
  out += "\n    <xs:attribute name=\"on\"><xs:simpleType><xs:restriction base=\"xs:string\">" + entries +
         "</xs:restriction></xs:simpleType></xs:attribute>";
  out += Structure;
  for (const auto& [name, text] : elements) out += "    <xs:element ref=\"" + name + "\"/>\n";
  out += "  </xs:choice></xs:sequence></xs:group>\n";
  for (const auto& [name, text] : elements) out += text;
  return out + "</xs:schema>\n";
}

}  // namespace Patchbay::Application
