# Turns the sources of the manual (AsciiDoc, in the first directory) into its pages (roff, in the second).
require 'asciidoctor'

sources, pages = ARGV
Dir.glob(File.join(sources, '*.adoc')).sort.each do |source|
  Asciidoctor.convert_file source, backend: 'manpage', safe: :unsafe, to_dir: pages, mkdirs: true,
                                   attributes: { 'reproducible' => '' }
end
