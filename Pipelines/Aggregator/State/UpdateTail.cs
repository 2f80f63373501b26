using System.Text;

namespace Aggregator;

/// <summary>Reads an <see cref="UpdateLog"/> while it is written.</summary>
internal sealed class UpdateTail(StatusFolder folder)
{
    private const int MaxAtOnce = 2 * UpdateLog.MaxBytes;

    private const int HeadBytes = 128;

    private readonly StringBuilder _begun = new();
    private byte[] _head = [];          // first bytes of the file, to recognize a rotated one
    private long _read;

    internal IEnumerable<string> Last(int count)
    {
        var newest = Next().ToList();
        var older = newest.Count < count && File.Exists(folder.OlderUpdates) ? Lines(Text(folder.OlderUpdates, 0)) : [];
        return older.Concat(newest).TakeLast(count);
    }

    /// <summary>Returns new lines; the first call returns all lines of the newest file.</summary>
    internal IEnumerable<string> Next()
    {
        if (!File.Exists(folder.Updates)) { return []; }
        using var file = Open(folder.Updates);
        var rest = "";
        var head = Bytes(file, 0, HeadBytes);
        if (file.Length < _read || !head.AsSpan().StartsWith(_head))
        {
            // lines added before the rotation
            rest = File.Exists(folder.OlderUpdates) ? Text(folder.OlderUpdates, _read) : "";
            _read = 0;
        }

        var bytes = Bytes(file, _read, MaxAtOnce);
        (_head, _read) = (head, _read + bytes.Length);
        var text = Encoding.ASCII.GetString(bytes);
        _begun.Append(rest).Append(text);
        var all = _begun.ToString();
        var end = all.LastIndexOf('\n') + 1;
        _begun.Clear().Append(all, end, all.Length - end);
        return Lines(all[..end]);
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Text(string path, long from)
    {
        using var file = Open(path);
        return Encoding.ASCII.GetString(Bytes(file, from, MaxAtOnce));
    }

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    private static byte[] Bytes(FileStream file, long from, int most)
    {
        file.Seek(from, SeekOrigin.Begin);
        var bytes = new byte[Math.Clamp(file.Length - from, 0, most)];
        return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }
}
