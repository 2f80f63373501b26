using System.Text;

namespace Aggregator;

/// <summary>Reads the files of an <see cref="UpdateLog"/> while it is written.</summary>
/// <param name="folder">Where they are.</param>
internal sealed class UpdateTail(StateFolder folder)
{
    private const int MostAtOnce = 2 * UpdateLog.MaxBytes;

    private readonly StringBuilder _begun = new();
    private long _read;
    private DateTime _created;

    /// <summary>The last lines, oldest first.</summary>
    /// <param name="count">How many.</param>
    internal IEnumerable<string> Last(int count)
    {
        var newest = Next().ToList();
        var older = newest.Count < count && File.Exists(folder.OlderUpdates) ? Lines(Read(folder.OlderUpdates, 0).Text) : [];
        return older.Concat(newest).TakeLast(count);
    }

    /// <summary>The lines that have come since the last call; at first all of the newest file.</summary>
    internal IEnumerable<string> Next()
    {
        if (!File.Exists(folder.Updates)) { return []; }
        var created = File.GetCreationTimeUtc(folder.Updates);
        string rest = "";
        if (_read > 0 && (created != _created || new FileInfo(folder.Updates).Length < _read))
        {
            rest = File.Exists(folder.OlderUpdates) ? Read(folder.OlderUpdates, _read).Text : "";       // what was added before it was put aside
            _read = 0;
        }

        _created = created;
        var (text, read) = Read(folder.Updates, _read);
        _read = read;
        _begun.Append(rest).Append(text);
        var all = _begun.ToString();
        var end = all.LastIndexOf('\n') + 1;
        _begun.Clear().Append(all, end, all.Length - end);
        return Lines(all[..end]);
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static (string Text, long Read) Read(string path, long from)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(from, SeekOrigin.Begin);
        var bytes = new byte[Math.Clamp(file.Length - from, 0, MostAtOnce)];
        var count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return (Encoding.ASCII.GetString(bytes, 0, count), from + count);
    }
}
