# Writes OUT, which defines weir::build_id(): a content hash of the product's sources under ROOT, so that two
# builds of the same sources have the same name whatever compiler made them.
file(GLOB_RECURSE sources RELATIVE ${ROOT}
  ${ROOT}/broker/*.h ${ROOT}/broker/*.cpp ${ROOT}/sim/*.h ${ROOT}/sim/*.cpp ${ROOT}/faults/*.h
  ${ROOT}/faults/*.cpp ${ROOT}/checkers/*.h ${ROOT}/checkers/*.cpp ${ROOT}/scenarios/*.h
  ${ROOT}/scenarios/*.cpp)
list(SORT sources)
set(all "")
foreach(source IN LISTS sources)
  file(SHA256 ${ROOT}/${source} hash)
  string(APPEND all "${source} ${hash}\n")
endforeach()
string(SHA256 id "${all}")
string(SUBSTRING ${id} 0 7 id)
file(WRITE ${OUT}.new "#include \"scenarios/build_id.h\"\n\nnamespace weir {\nstd::string_view build_id() { return \"${id}\"; }\n}  // namespace weir\n")
file(COPY_FILE ${OUT}.new ${OUT} ONLY_IF_DIFFERENT)
