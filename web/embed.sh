#!/bin/bash
#
# embed.sh DIRECTORY
#	  The page's files as C: src/* and vendor/* of DIRECTORY, packed by gzip.
#
# They are served under their names, src/index.html as the page itself.  That asks for the others by a name that
# changes with any of them, so browsers keep them without asking again.
set -euo pipefail
cd "$1"

type_of()
{
	case $1 in
		*.html) echo "text/html; charset=utf-8" ;;
		*.css) echo "text/css; charset=utf-8" ;;
		*.js) echo "text/javascript; charset=utf-8" ;;
		*.LICENSE) echo "text/plain; charset=utf-8" ;;
		*.svg) echo "image/svg+xml" ;;
		*)
			echo "embed.sh: no type for $1" >&2
			exit 1
			;;
	esac
}

files=(src/* vendor/*)
stamp=$(sha256sum "${files[@]}" | sha256sum | cut -c1-16)

content()
{
	if [ "$1" = src/index.html ]; then
		sed -E "s#(href|src)=\"(src|vendor)/#\1=\"v/$stamp/\2/#" "$1"
	else
		cat "$1"
	fi
}

echo '#include "gateway/assets.h"'
for i in "${!files[@]}"; do
	echo "static const unsigned char bytes_$i[] = {"
	content "${files[$i]}" | gzip -9n | od -An -v -tu1 | sed -e 's/  */,/g' -e 's/^,//' -e 's/$/,/'
	echo "};"
done
echo "const char assets_stamp[] = \"$stamp\";"
echo "const Asset assets[] = {"
for i in "${!files[@]}"; do
	type=$(type_of "${files[$i]}")
	tag=$(content "${files[$i]}" | sha256sum | cut -c1-32)
	echo "	{\"${files[$i]}\", \"$type\", \"\\\"$tag\\\"\", bytes_$i, sizeof(bytes_$i), true},"
done
echo "	{0}"
echo "};"
