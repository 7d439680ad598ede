# cmake -DSOURCE= -DOUTPUT= -DBUILD_ID_FILE= -P: the manifest with the attribute build="<id>" on its root element.
file(READ "${SOURCE}" xml)
file(STRINGS "${BUILD_ID_FILE}" id LIMIT_COUNT 1)
string(REGEX REPLACE "<bundle([ \t\r\n])" "<bundle build=\"${id}\"\\1" xml "${xml}")
file(WRITE "${OUTPUT}" "${xml}")
