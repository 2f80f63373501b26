using System.IO.Compression;
using StreamLearn;
using StreamLearn.Files;
using StreamLearn.Operators;
using StreamLearn.Simulation;

namespace Quickstart;

/// <summary>Reads rows of files at once, without a run.</summary>
internal static class OwnReader
{
    private const int BatchRows = 1000;
    private const int MaxLineCharacters = 64 << 10;

    /// <summary>Reads rows in their order, and gives those that were refused unless only the first are read.</summary>
    /// <param name="pattern">The files.</param>
    /// <param name="options">Columns and form.</param>
    /// <param name="read">Gets each batch; it is not to be kept.</param>
    /// <param name="most">About so many rows at most.</param>
    /// <exception cref="FileRowsException">A file cannot be read.</exception>
    internal static List<RefusedRow> Read(string pattern, CsvOptions options, Action<Batch> read, int most = int.MaxValue)
    {
        List<RefusedRow> refused = [];
        using var world = new VirtualWorld();
        var device = world.Add(Pipeline.Define("rows", p =>
        {
            options = options with { BatchRows = BatchRows, BadRows = BadRows.Skip };
            if (most < int.MaxValue)
            {
                p.FromCsv(pattern, options).Take((most + BatchRows - 1) / BatchRows).ForEach("read", read);
                return;
            }

            var (rows, bad) = p.FromCsvWithRefused(pattern, options);
            rows.ForEach("read", read);
            bad.ForEach("refused", refused.Add);
        }));
        world.RunToEnd();
        return device.Failure is { } failure ? throw failure : refused;
    }

    /// <summary>The first line of a file, plain or compressed.</summary>
    /// <exception cref="InvalidDataException">The compressed data is damaged.</exception>
    internal static string FirstLine(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> start = stackalloc byte[2];
        var isCompressed = file.ReadAtLeast(start, 2, throwOnEndOfStream: false) == 2 && start is [0x1f, 0x8b];
        file.Position = 0;
        using Stream plain = isCompressed ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(plain);
        var head = new char[MaxLineCharacters];
        try
        {
            return new string(head, 0, reader.ReadBlock(head)).Split('\n')[0];
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path}: the compressed data is damaged", e);
        }
    }
}
