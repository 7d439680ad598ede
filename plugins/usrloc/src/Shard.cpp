#include "Shard.h"

namespace Patchbay::Usrloc {

Shard::~Shard() {
  while (Block* block = takeUnwritten())
    if (block->fate != Block::Fate::live) Block::free(block);
  for (Block* first : _buckets) {
    while (first) {
      Block* const next = first->nextInBucket;
      for (Block* contact = first; contact;) Block::free(std::exchange(contact, contact->nextContact));
      first = next;
    }
  }
}

Block** Shard::linkOf(uint32_t hash, std::string_view aor) {
  Block** link = bucketOf(hash);
  while (*link && ((*link)->hash != hash || (*link)->text(Block::aor) != aor)) link = &(*link)->nextInBucket;
  return link;
}

Block* Shard::find(uint32_t hash, std::string_view aor) const {
  return *const_cast<Shard*>(this)->linkOf(hash, aor);
}

bool Shard::insert(Block* block) {
  ++_size;
  Block** link = linkOf(block->hash, block->text(Block::aor));
  if (Block* last = *link) {
    while (last->nextContact) last = last->nextContact;
    last->nextContact = block;
    return false;
  }
  *link = block;
  if (++_aors > _buckets.size()) grow();
  return true;
}

void Shard::replace(Block* old, Block* fresh) {
  Block** link = linkOf(old->hash, old->text(Block::aor));
  fresh->nextContact = old->nextContact;
  if (*link == old) {
    fresh->nextInBucket = old->nextInBucket;
    *link = fresh;
    return;
  }
  Block* before = *link;
  while (before->nextContact != old) before = before->nextContact;
  before->nextContact = fresh;
}

bool Shard::erase(Block* block) {
  --_size;
  Block** link = linkOf(block->hash, block->text(Block::aor));
  if (*link != block) {
    Block* before = *link;
    while (before->nextContact != block) before = before->nextContact;
    before->nextContact = block->nextContact;
  } else if (Block* second = block->nextContact) {
    second->nextInBucket = block->nextInBucket;
    *link = second;
  } else {
    *link = block->nextInBucket;
    --_aors;
    return true;
  }
  return false;
}

void Shard::grow() {
  std::vector<Block*> old(_buckets.size() * 2);
  old.swap(_buckets);
  for (Block* first : old) {
    while (first) {
      Block* const next = first->nextInBucket;
      Block** bucket = bucketOf(first->hash);
      first->nextInBucket = *bucket;
      *bucket = first;
      first = next;
    }
  }
}

void Shard::defer(Block* block) {
  if (block->unwritten) return;
  block->unwritten = true;
  block->nextUnwritten = _unwritten;
  ++_unwrittenCount;
  _unwritten = block;
}

Block* Shard::takeUnwritten() {
  Block* const block = _unwritten;
  if (block == nullptr) return nullptr;
  _unwritten = block->nextUnwritten;
  --_unwrittenCount;
  block->unwritten = false;
  return block;
}

}  // namespace Patchbay::Usrloc
