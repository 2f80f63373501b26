namespace StreamLearn.Samples;

internal static class HarFolder
{
    internal const string Restore = "restore it from the data set";
    internal const int MaxSamples = 1 << 27;

    private const string Name = $"name the folder that holds {HarBinaryFolder.Contents}, or {HarTextFolder.Contents}";

    internal static HarRecordings Read(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (!Directory.Exists(directory)) { throw new HarFormatException($"folder '{directory}' does not exist: {Name}"); }
        try
        {
            return HarBinaryFolder.Holds(directory) ? HarBinaryFolder.Read(directory)
                : HarTextFolder.Find(directory) is { } text ? HarTextFolder.Read(text)
                : throw new HarFormatException($"folder '{directory}' holds no recordings: {Name}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HarFormatException($"folder '{directory}' cannot be read: give this user the right to read it", e);
        }
    }

    /// <summary>From 0; −1 for none. <paramref name="rows"/>: experiment, user, activity, first and last sample.</summary>
    internal static sbyte[] Mark(ImmutableArray<HarRecording> recordings, List<(int Line, int[] Row)> rows, string file)
    {
        var byNumber = recordings.ToDictionary(r => r.Number);
        var labels = new sbyte[recordings[^1].Offset + recordings[^1].Samples];
        labels.AsSpan().Fill(-1);
        foreach (var (line, row) in rows)
        {
            if (!byNumber.TryGetValue(row[0], out var recording) || recording.Person != row[1])
            {
                throw Malformed(file, line, "an experiment and its user that have a recording", $"{row[0]},{row[1]}");
            }

            if (row[2] is < 1 or > 12 || row[3] < 1 || row[4] < row[3] || row[4] > recording.Samples)
            {
                throw Malformed(
                    file, line, $"an activity from 1 to 12 and 1 ≤ start ≤ end ≤ {recording.Samples}", $"{row[2]},{row[3]},{row[4]}");
            }

            // Published sample numbers start at 1 and include the end. Activities 7 to 12 are posture changes, which are not classes.
            if (row[2] <= 6) { labels.AsSpan(recording.Offset + row[3] - 1, row[4] - row[3] + 1).Fill((sbyte)(row[2] - 1)); }
        }

        return labels;
    }

    internal static FileStream OpenFile(string directory, string file)
    {
        var path = Path.Combine(directory, file);
        try { return new(path, FileMode.Open, FileAccess.Read, FileShare.Read); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HarFormatException(File.Exists(path) ? $"{path} cannot be read: give this user the right to read it"
                : $"{path} does not exist: {Name}", e);
        }
    }

    internal static HarFormatException Malformed(string file, int line, string expected, string got) =>
        new($"{file} line {line}: expected {expected}, got '{(got.Length <= 60 ? got : got[..60] + "…")}': {Restore}");
}
