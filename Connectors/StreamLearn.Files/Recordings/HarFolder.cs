using System.Collections.Immutable;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace StreamLearn.Files;

/// <summary>Reads the three files of a folder of activity recordings and says in one line what is wrong with them.</summary>
internal static class HarFolder
{
    private const string RawFile = "raw50hz.i16.gz";
    private const string ExperimentsFile = "raw_experiments.csv";
    private const string LabelsFile = "raw_labels.csv";
    private const string Restore = "restore it from the data set";
    private const int MaxSamples = 1 << 27;

    internal static HarRecordings Read(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (!Directory.Exists(directory))
        {
            throw new HarFormatException(
                $"folder '{directory}' does not exist: name the folder that holds {RawFile}, {ExperimentsFile} and {LabelsFile}");
        }

        var recordings = ReadExperiments(directory);
        var total = recordings[^1].Offset + recordings[^1].Samples;
        var labels = ReadLabels(directory, recordings, total);
        return new(recordings, ReadRaw(directory, total), labels);
    }

    private static ImmutableArray<HarRecording> ReadExperiments(string directory)
    {
        var recordings = ImmutableArray.CreateBuilder<HarRecording>();
        var end = 0;
        foreach (var (line, row) in ReadTable(directory, ExperimentsFile, "experiment,user,offset,length"))
        {
            if (row[2] != end || row[3] < 1 || row[1] < 1 || row[0] < 1 || row[2] > MaxSamples - row[3])
            {
                throw Malformed(ExperimentsFile, line, $"an experiment from 1, a user from 1, offset {end} and a length from 1", string.Join(',', row));
            }

            if (recordings.Any(r => r.Number == row[0]))
            {
                throw Malformed(ExperimentsFile, line, "each experiment once", $"experiment {row[0]} again");
            }

            recordings.Add(new(row[0], row[1], row[2], row[3]));
            end += row[3];
        }

        return recordings.Count > 0 ? recordings.ToImmutable() :
            throw new HarFormatException($"{Path.Combine(directory, ExperimentsFile)} lists no experiment: {Restore}");
    }

    /// <summary>The class of each sample, from 0; −1 where it has none of the six.</summary>
    private static sbyte[] ReadLabels(string directory, ImmutableArray<HarRecording> recordings, int total)
    {
        var byNumber = recordings.ToDictionary(r => r.Number);
        var labels = new sbyte[total];
        labels.AsSpan().Fill(-1);
        foreach (var (line, row) in ReadTable(directory, LabelsFile, "experiment,user,activity,start,end"))
        {
            if (!byNumber.TryGetValue(row[0], out var recording) || recording.Person != row[1])
            {
                throw Malformed(LabelsFile, line, $"an experiment and its user as in {ExperimentsFile}", $"{row[0]},{row[1]}");
            }

            if (row[2] is < 1 or > 12 || row[3] < 1 || row[4] < row[3] || row[4] > recording.Samples)
            {
                throw Malformed(
                    LabelsFile, line, $"an activity from 1 to 12 and 1 ≤ start ≤ end ≤ {recording.Samples}", $"{row[2]},{row[3]},{row[4]}");
            }

            // Published sample numbers count from 1 and include the end. Activities 7 to 12 are changes of posture, no class of ours.
            if (row[2] <= 6) { labels.AsSpan(recording.Offset + row[3] - 1, row[4] - row[3] + 1).Fill((sbyte)(row[2] - 1)); }
        }

        return labels;
    }

    private static short[] ReadRaw(string directory, int total)
    {
        var samples = new short[total * HarRecordings.ChannelCount];
        var bytes = MemoryMarshal.AsBytes(samples.AsSpan());
        var path = Path.Combine(directory, RawFile);
        try
        {
            using var stream = new GZipStream(OpenFile(directory, RawFile), CompressionMode.Decompress);
            var read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (read < bytes.Length)
            {
                throw new HarFormatException(
                    $"{path} ends after {read} of {bytes.Length} bytes that {ExperimentsFile} promises: {Restore}");
            }

            if (stream.ReadByte() >= 0)
            {
                throw new HarFormatException($"{path} goes on after the {bytes.Length} bytes that {ExperimentsFile} promises: {Restore}");
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new HarFormatException($"{path} is no whole gzip file: {Restore}", e);
        }

        if (!BitConverter.IsLittleEndian)
        {
            foreach (ref var sample in samples.AsSpan()) { sample = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(sample); }
        }

        return samples;
    }

    private static List<(int Line, int[] Row)> ReadTable(string directory, string file, string header)
    {
        using var reader = new StreamReader(OpenFile(directory, file));
        var got = reader.ReadLine();
        if (got != header) { throw Malformed(file, 1, $"the header '{header}'", got ?? ""); }
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

            if (!good) { throw Malformed(file, line, $"{columns} whole numbers '{header}'", text); }
            rows.Add((line, row));
        }

        return rows;
    }

    private static FileStream OpenFile(string directory, string file)
    {
        var path = Path.Combine(directory, file);
        try
        {
            return new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HarFormatException(File.Exists(path) ? $"{path} cannot be read: give this user the right to read it"
                : $"{path} does not exist: name the folder that holds {RawFile}, {ExperimentsFile} and {LabelsFile}", e);
        }
    }

    private static HarFormatException Malformed(string file, int line, string expected, string got) =>
        new($"{file} line {line}: expected {expected}, got '{(got.Length <= 60 ? got : got[..60] + "…")}': {Restore}");
}
