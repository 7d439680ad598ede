#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <unistd.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

char lastWords[512] = "";

/// Says at which input the program died, or which one takes more than a minute.
void say(int signal) {
  if (write(STDOUT_FILENO, lastWords, std::strlen(lastWords)) < 0) _exit(1);
  std::signal(signal, SIG_DFL);
  raise(signal);
}

std::vector<std::string> filesIn(const std::string& path) {
  if (!std::filesystem::is_directory(path)) return {path};
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
    if (entry.is_regular_file()) files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

void replay(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> octets((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::snprintf(lastWords, sizeof lastWords, "%s: the program died here, or it took too long\n", path.c_str());
  alarm(60);
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(octets.data()), octets.size());
  alarm(0);
}

}  // namespace

/// usage: replay-<target> PATH ...   (inputs, or folders of them): runs each once. What does not hold ends the program.
int main(int argc, char** argv) {
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGALRM}) {
    struct sigaction old {};
    if (sigaction(signal, nullptr, &old) == 0 && old.sa_handler == SIG_DFL) std::signal(signal, &say);  // a sanitizer says more
  }
  int replayed = 0;
  for (int i = 1; i < argc; ++i)
    for (const auto& path : filesIn(argv[i])) replay(path), ++replayed;
  std::printf("%d passed, 0 failed\n", replayed);
  return replayed ? 0 : 1;
}
