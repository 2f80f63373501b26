using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace StreamLearn.Samples;

internal static class HarBinaryFolder
{
    internal const string Contents = $"{RawFile}, {ExperimentsFile} and {LabelsFile}";

    private const string RawFile = "raw50hz.i16.gz";
    private const string ExperimentsFile = "raw_experiments.csv";
    private const string LabelsFile = "raw_labels.csv";

    internal static bool Holds(string directory) =>
        new[] { RawFile, ExperimentsFile, LabelsFile }.Any(f => File.Exists(Path.Combine(directory, f)));

    internal static HarRecordings Read(string directory)
    {
        var recordings = ReadExperiments(directory);
        var labels = HarFolder.Mark(recordings, ReadTable(directory, LabelsFile, "experiment,user,activity,start,end"), LabelsFile);
        return new(recordings, ReadRaw(directory, labels.Length), labels);
    }

    private static ImmutableArray<HarRecording> ReadExperiments(string directory)
    {
        var recordings = ImmutableArray.CreateBuilder<HarRecording>();
        var end = 0;
        foreach (var (line, row) in ReadTable(directory, ExperimentsFile, "experiment,user,offset,length"))
        {
            if (row[2] != end || row[3] < 1 || row[1] < 1 || row[0] < 1 || row[2] > HarFolder.MaxSamples - row[3])
            {
                throw HarFolder.Malformed(ExperimentsFile, line,
                    $"an experiment from 1, a user from 1, offset {end} and a length from 1", string.Join(',', row));
            }

            if (recordings.Any(r => r.Number == row[0]))
            {
                throw HarFolder.Malformed(ExperimentsFile, line, "each experiment once", $"experiment {row[0]} again");
            }

            recordings.Add(new(row[0], row[1], row[2], row[3]));
            end += row[3];
        }

        return recordings.Count > 0 ? recordings.ToImmutable() :
            throw new HarFormatException($"{Path.Combine(directory, ExperimentsFile)} lists no experiment: {HarFolder.Restore}");
    }

    private static short[] ReadRaw(string directory, int total)
    {
        var samples = new short[total * HarRecordings.ChannelCount];
        var bytes = MemoryMarshal.AsBytes(samples.AsSpan());
        var path = Path.Combine(directory, RawFile);
        try
        {
            using var stream = new GZipStream(HarFolder.OpenFile(directory, RawFile), CompressionMode.Decompress);
            var read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (read < bytes.Length)
            {
                throw new HarFormatException(
                    $"{path} ends after {read} of {bytes.Length} bytes listed in {ExperimentsFile}: {HarFolder.Restore}");
            }

            if (stream.ReadByte() >= 0)
            {
                throw new HarFormatException(
                    $"{path} has more than the {bytes.Length} bytes listed in {ExperimentsFile}: {HarFolder.Restore}");
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new HarFormatException($"{path} is not an intact gzip file: {HarFolder.Restore}", e);
        }

        if (!BitConverter.IsLittleEndian)
        {
            foreach (ref var sample in samples.AsSpan()) { sample = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(sample); }
        }

        return samples;
    }

    private static List<(int Line, int[] Row)> ReadTable(string directory, string file, string header)
    {
        using var reader = new StreamReader(HarFolder.OpenFile(directory, file));
        var got = reader.ReadLine();
        if (got != header) { throw HarFolder.Malformed(file, 1, $"the header '{header}'", got ?? ""); }
        var columns = header.Count(c => c == ',') + 1;
        var rows = new List<(int, int[])>();
        for (var line = 2; reader.ReadLine() is { } text; line++)
        {
            if (text.Length == 0) { continue; }
            var row = new int[columns];
            var parts = text.Split(',');
            var good = parts.Length == columns;
            for (var i = 0; good && i < columns; i++)
            {
                good = int.TryParse(parts[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out row[i]);
            }

            if (!good) { throw HarFolder.Malformed(file, line, $"{columns} whole numbers '{header}'", text); }
            rows.Add((line, row));
        }

        return rows;
    }
}
