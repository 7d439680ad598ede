#include <cppunit/extensions/HelperMacros.h>

#include <memory>
#include <vector>

#include "Table.h"

using namespace Patchbay::Tm;

namespace {

struct Item {
  explicit Item(uint64_t number) : key{number * 7, number} {}
  Item(uint64_t first, uint64_t second) : key{first, second} {}
  Key key;
};

}  // namespace

class TableTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TableTest);
  CPPUNIT_TEST(findsEachOfMany);
  CPPUNIT_TEST(forgetsWhatIsRemovedAndKeepsTheRest);
  CPPUNIT_TEST(tellsApartWhatSharesASlot);
  CPPUNIT_TEST(losesNothingInACrowd);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override {
    for (uint64_t i = 0; i < 5000; ++i) {
      _items.push_back(std::make_unique<Item>(i));
      _table.insert(*_items.back());
    }
  }
  void findsEachOfMany() {
    for (const auto& item : _items) CPPUNIT_ASSERT(_table.find(item->key) == item.get());
    CPPUNIT_ASSERT(!_table.find({1, 6000}));
    CPPUNIT_ASSERT_EQUAL(size_t{5000}, _table.size());
  }
  // C35: the buckets shrink as well
  void forgetsWhatIsRemovedAndKeepsTheRest() {
    for (size_t i = 0; i < 4999; ++i) _table.remove(*_items[i]);
    CPPUNIT_ASSERT(!_table.find(_items[7]->key));
    CPPUNIT_ASSERT(_table.find(_items[4999]->key) == _items[4999].get());
    size_t seen = 0;
    _table.each([&](Item&) { ++seen; });
    CPPUNIT_ASSERT_EQUAL(size_t{1}, seen);
  }
  void tellsApartWhatSharesASlot() {
    Item twin(3);
    twin.key.first = 1;
    _table.insert(twin);
    CPPUNIT_ASSERT(_table.find(twin.key) == &twin);
    CPPUNIT_ASSERT(_table.find(_items[3]->key) == _items[3].get());
    _table.remove(twin);
    CPPUNIT_ASSERT(_table.find(_items[3]->key) == _items[3].get());
  }
  // Rows of neighbours that run over the end of the table, taken out in every order.
  void losesNothingInACrowd() {
    for (size_t first = 0; first < 9; ++first) {
      Table<Item> table;
      std::vector<std::unique_ptr<Item>> items;
      for (uint64_t i = 0; i < 9; ++i) {
        items.push_back(std::make_unique<Item>(i, 13 + i / 3));
        table.insert(*items.back());
      }
      for (size_t i = 0; i < 9; ++i) {
        const size_t gone = (first + i * 4) % 9;
        table.remove(*items[gone]);
        CPPUNIT_ASSERT(!table.find(items[gone]->key));
        for (size_t j = i + 1; j < 9; ++j) CPPUNIT_ASSERT(table.find(items[(first + j * 4) % 9]->key));
      }
      CPPUNIT_ASSERT_EQUAL(size_t{0}, table.size());
    }
  }

 private:
  std::vector<std::unique_ptr<Item>> _items;
  Table<Item> _table;
};
CPPUNIT_TEST_SUITE_REGISTRATION(TableTest);
