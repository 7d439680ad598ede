#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using Octets = std::vector<uint8_t>;

constexpr const char* FindFile = "find";
char lastWords[512] = "";
Octets current;

/// Says at which input the program died, or which one takes more than a minute, and leaves it in the file `find`.
void say(int signal) {
  if (write(STDOUT_FILENO, lastWords, std::strlen(lastWords)) < 0) _exit(1);
  const int file = open(FindFile, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file < 0 || write(file, current.data(), current.size()) < 0) _exit(1);
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

Octets read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return Octets((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

void run(const std::string& name, Octets octets) {
  std::snprintf(lastWords, sizeof lastWords, "%s: the program died here, or it took too long; the input is in the file '%s'\n",
                name.c_str(), FindFile);
  current = std::move(octets);
  alarm(60);
  const Octets exact(current);
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
  alarm(0);
}

/// One octet changed, added, taken away, or a stretch of another input put in.
void change(Octets& octets, const Octets& other, std::mt19937& random) {
  const size_t at = octets.empty() ? 0 : random() % octets.size();
  const auto place = octets.begin() + static_cast<long>(at);
  const unsigned how = random() % 6;
  if (how == 0 && !octets.empty()) {
    octets.erase(place, octets.begin() + static_cast<long>(std::min(octets.size(), at + 1 + random() % 4)));
  } else if (how == 1 && !other.empty()) {
    const size_t from = random() % other.size(), size = 1 + random() % std::min<size_t>(other.size() - from, 16);
    octets.insert(place, other.begin() + static_cast<long>(from), other.begin() + static_cast<long>(from + size));
  } else if (how == 2 || octets.empty()) {
    octets.insert(place, static_cast<uint8_t>(random()));
  } else {
    *place = how == 3 ? static_cast<uint8_t>(*place ^ (1u << random() % 8)) : static_cast<uint8_t>(random() % (how == 4 ? 256 : 16));
  }
}

/// Blind fuzzing, for a machine without clang.
int wander(const std::vector<Octets>& inputs, int seconds, unsigned seed) {
  std::mt19937 random(seed);
  int count = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  for (; std::chrono::steady_clock::now() < end; ++count) {
    Octets octets = inputs[random() % inputs.size()];
    for (unsigned i = 1 + random() % 12; i > 0; --i) change(octets, inputs[random() % inputs.size()], random);
    run("run " + std::to_string(count), std::move(octets));
  }
  return count;
}

}  // namespace

/// usage: replay-<target> [--mutate SECONDS SEED] PATH ...   (inputs, or folders of them)
/// Runs each once, then as long as said such that were made from them. What does not hold ends the program.
int main(int argc, char** argv) {
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGALRM}) {
    struct sigaction old {};
    if (sigaction(signal, nullptr, &old) == 0 && old.sa_handler == SIG_DFL) std::signal(signal, &say);  // a sanitizer says more
  }
  const bool mutate = argc > 4 && std::string(argv[1]) == "--mutate";
  std::vector<Octets> inputs;
  for (int i = mutate ? 4 : 1; i < argc; ++i)
    for (const auto& path : filesIn(argv[i])) {
      inputs.push_back(read(path));
      run(path, inputs.back());
    }
  if (inputs.empty()) return 1;
  const int made = mutate ? wander(inputs, std::atoi(argv[2]), static_cast<unsigned>(std::atoi(argv[3]))) : 0;
  std::printf("%d passed, 0 failed\n", static_cast<int>(inputs.size()) + made);
  return 0;
}
