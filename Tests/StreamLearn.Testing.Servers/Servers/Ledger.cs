using System.Globalization;
using System.Text;

namespace StreamLearn.Testing;

/// <summary>
/// Numbers in a file, in the order in which they were written down. Each is with the operating system before
/// <see cref="Write(long)"/> returns, so that it outlives its process.
/// </summary>
public sealed class Ledger(string path) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly FileStream _file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

    /// <summary>Writes a number down.</summary>
    public void Write(long number)
    {
        Span<byte> line = stackalloc byte[24];
        number.TryFormat(line, out var length, default, CultureInfo.InvariantCulture);
        line[length++] = (byte)'\n';
        lock (_lock) { _file.Write(line[..length]); }
    }

    /// <summary>Writes a number down with the number that the server gave it, in one write.</summary>
    public void Write(long number, long sequence)
    {
        Span<byte> line = stackalloc byte[48];
        number.TryFormat(line, out var length, default, CultureInfo.InvariantCulture);
        line[length++] = (byte)' ';
        sequence.TryFormat(line[length..], out var more, default, CultureInfo.InvariantCulture);
        line[length += more] = (byte)'\n';
        lock (_lock) { _file.Write(line[..(length + 1)]); }
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();

    /// <summary>The numbers that the server gave, of a file in which they were written down.</summary>
    public static IReadOnlyList<long> ReadSequences(string path) => [.. Lines(path).Select(static l => Number(l, 1))];

    /// <summary>The numbers of a file, without a last line that is not whole.</summary>
    public static IReadOnlyList<long> Read(string path) => [.. Lines(path).Select(static l => Number(l, 0))];

    private static long Number(string line, int at) => long.Parse(line.Split(' ')[at], CultureInfo.InvariantCulture);

    private static string[] Lines(string path)
    {
        if (!File.Exists(path)) { return []; }
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file, Encoding.ASCII);
        var text = reader.ReadToEnd();
        var whole = text[..(text.LastIndexOf('\n') + 1)];
        return whole.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}

/// <summary>What two ledgers say of each other, and nothing else.</summary>
public sealed record LedgerCheck(int Sent, int Lost, int Duplicates)
{
    /// <summary>Compares two ledgers.</summary>
    public static LedgerCheck Of(IReadOnlyList<long> sent, IReadOnlyList<long> received)
    {
        ArgumentNullException.ThrowIfNull(sent);
        ArgumentNullException.ThrowIfNull(received);
        var known = received.ToHashSet();
        return new(sent.Count, sent.Count(n => !known.Contains(n)), received.Count - known.Count);
    }
}
