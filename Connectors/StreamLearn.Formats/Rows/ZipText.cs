using System.IO.Compression;

namespace StreamLearn.Formats;

internal static class ZipText
{
    /// <summary>Returns the text of the only file in an archive.</summary>
    /// <exception cref="IOException">There are several, or none; or it is a workbook or arrays.</exception>
    internal static Stream Of(FileStream file, Encoding? encoding)
    {
        try
        {
            var archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            var files = archive.Entries.Where(static e =>
                e.Name.Length > 0 && !e.FullName.StartsWith("__MACOSX/", StringComparison.Ordinal)).ToList();
            if (files.Count != 1)
            {
                throw new IOException($"the file is a zip archive of {files.Count} files: unpack it, and name the files in it");
            }

            var text = new LimitedText(files[0].Open(), file.Length);
            return encoding is null or UTF8Encoding ? text : Encoding.CreateTranscodingStream(text, encoding, Encoding.UTF8);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException("the zip archive is damaged", e);
        }
    }

    /// <summary>Stops at text that is far larger than the archive.</summary>
    private sealed class LimitedText(Stream text, long packed) : ForwardStream
    {
        private const int MaxRatio = 1000;
        private long _unpacked;

        public override int Read(Span<byte> bytes)
        {
            var got = text.Read(bytes);
            _unpacked += got;
            if (_unpacked <= GzipText.Harmless || _unpacked / MaxRatio <= packed) { return got; }
            throw new InvalidDataException("the archive unpacks to over a thousand times its size: if this is intended, unpack it first");
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) { text.Dispose(); }
            base.Dispose(disposing);
        }
    }
}
