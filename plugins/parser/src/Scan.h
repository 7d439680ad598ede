#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace Patchbay::Parser::Scan {

/// The first of the wanted octets, or end. Reads nothing behind end.
template <char... Wanted>
inline const char* findAny(const char* at, const char* end) {
#if defined(__SSE2__)
  for (; end - at >= 16; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    __m128i hits = _mm_setzero_si128();
    ((hits = _mm_or_si128(hits, _mm_cmpeq_epi8(block, _mm_set1_epi8(Wanted)))), ...);
    if (const int mask = _mm_movemask_epi8(hits)) return at + __builtin_ctz(static_cast<unsigned>(mask));
  }
#endif
  for (; at != end; ++at) {
    if (((*at == Wanted) || ...)) return at;
  }
  return end;
}

/// Whether a control character other than tab is in there.
inline bool hasControl(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i most = _mm_set1_epi8(0x1f), tab = _mm_set1_epi8('\t'), del = _mm_set1_epi8(0x7f);
  for (; end - at >= 16; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i low = _mm_andnot_si128(_mm_cmpeq_epi8(block, tab), _mm_cmpeq_epi8(_mm_min_epu8(block, most), block));
    if (_mm_movemask_epi8(_mm_or_si128(low, _mm_cmpeq_epi8(block, del)))) return true;
  }
#endif
  for (; at != end; ++at) {
    const auto c = static_cast<unsigned char>(*at);
    if ((c < 0x20 && c != '\t') || c == 0x7f) return true;
  }
  return false;
}

/// Whether all octets are visible: neither blanks nor control characters.
inline bool allVisible(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i blank = _mm_set1_epi8(0x20), del = _mm_set1_epi8(0x7f);
  for (; end - at >= 16; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(block, blank), block);
    if (_mm_movemask_epi8(_mm_or_si128(low, _mm_cmpeq_epi8(block, del)))) return false;
  }
#endif
  for (; at != end; ++at) {
    if (static_cast<unsigned char>(*at) <= 0x20 || *at == 0x7f) return false;
  }
  return true;
}

/// Behind the closing quote of the quoted string that opens at `at`; null when it does not close or holds what it must not (RFC
/// 3261, 25.1).
const char* quotedEnd(const char* at, const char* end);

}  // namespace Patchbay::Parser::Scan
