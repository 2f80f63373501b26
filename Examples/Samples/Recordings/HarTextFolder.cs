using System.Globalization;

namespace StreamLearn.Samples;

/// <summary>Reads the published layout: per experiment a text file for each sensor, one row per sample.</summary>
internal static class HarTextFolder
{
    internal const string Contents = "RawData of the original download (acc_expNN_userNN.txt, gyro_expNN_userNN.txt and labels.txt)";

    private const string LabelsFile = "labels.txt";
    private const string Folder = "RawData";

    /// <summary>Returns the folder or its <c>RawData</c>; null if neither contains recordings.</summary>
    internal static string? Find(string directory) => new[] { directory, Path.Combine(directory, Folder) }.FirstOrDefault(Holds);

    internal static HarRecordings Read(string directory)
    {
        var recordings = ImmutableArray.CreateBuilder<HarRecording>();
        var parts = new List<short[]>();
        var end = 0;
        foreach (var (number, person) in Experiments(directory))
        {
            var samples = ReadSensors(directory, number, person);
            var length = samples.Length / HarRecordings.ChannelCount;
            if (length > HarFolder.MaxSamples - end)
            {
                throw new HarFormatException(
                    $"{directory} holds more than {HarFolder.MaxSamples} samples: remove files that do not belong to the data set");
            }

            recordings.Add(new(number, person, end, length));
            parts.Add(samples);
            end += length;
        }

        var all = recordings.ToImmutable();
        var labels = HarFolder.Mark(all, ReadLabels(directory), LabelsFile);
        var joined = new short[end * HarRecordings.ChannelCount];
        for (var i = 0; i < parts.Count; i++) { parts[i].CopyTo(joined, all[i].Offset * HarRecordings.ChannelCount); }
        return new(all, joined, labels);
    }

    private static bool Holds(string directory) =>
        Directory.Exists(directory) && (File.Exists(Path.Combine(directory, LabelsFile))
            || FilesOf(directory, "acc").Any() || FilesOf(directory, "gyro").Any());

    private static IEnumerable<string> FilesOf(string directory, string sensor) =>
        Directory.EnumerateFiles(directory, $"{sensor}_exp*_user*.txt").Select(f => Path.GetFileName(f));

    private static string NameOf(string sensor, int experiment, int person) =>
        string.Create(CultureInfo.InvariantCulture, $"{sensor}_exp{experiment:00}_user{person:00}.txt");

    private static SortedDictionary<int, int> Experiments(string directory)
    {
        var experiments = new SortedDictionary<int, int>();
        foreach (var sensor in new[] { "acc", "gyro" })
        {
            foreach (var file in FilesOf(directory, sensor))
            {
                if (!TryParse(file, sensor, out var experiment, out var person))
                {
                    throw new HarFormatException(
                        $"{Path.Combine(directory, file)}: expected a name such as {NameOf(sensor, 1, 1)}: give it its published name");
                }

                if (!experiments.TryAdd(experiment, person) && experiments[experiment] != person)
                {
                    throw new HarFormatException($"{Path.Combine(directory, file)}: experiment {experiment} also belongs to user "
                        + $"{experiments[experiment]}: remove files that do not belong to the data set");
                }
            }
        }

        return experiments.Count > 0 ? experiments : throw new HarFormatException(
            $"{directory} holds {LabelsFile} and no file such as {NameOf("acc", 1, 1)}: {HarFolder.Restore}");
    }

    private static bool TryParse(string file, string sensor, out int experiment, out int person)
    {
        person = 0;
        var numbers = file[(sensor.Length + "_exp".Length)..^".txt".Length].Split("_user");
        return int.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out experiment) && experiment >= 1
            && numbers.Length == 2 && int.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out person) && person >= 1
            && file == NameOf(sensor, experiment, person);
    }

    private static short[] ReadSensors(string directory, int experiment, int person)
    {
        var (accFile, gyroFile) = (NameOf("acc", experiment, person), NameOf("gyro", experiment, person));
        var acc = HarColumns.Read(directory, accFile, HarRecordings.GravityPerStep, "g");
        var gyro = HarColumns.Read(directory, gyroFile, HarRecordings.RadianPerSecondPerStep, "rad/s");
        if (acc.Length != gyro.Length)
        {
            var (shorter, longer, rows) = acc.Length < gyro.Length
                ? (accFile, gyroFile, (acc.Length, gyro.Length)) : (gyroFile, accFile, (gyro.Length, acc.Length));
            throw new HarFormatException($"{Path.Combine(directory, shorter)} ends after {rows.Item1 / HarColumns.Axes} rows, and {longer} "
                + $"has {rows.Item2 / HarColumns.Axes}: {HarFolder.Restore}");
        }

        var samples = new short[2 * acc.Length];
        for (var i = 0; i < acc.Length; i += HarColumns.Axes)
        {
            acc.AsSpan(i, HarColumns.Axes).CopyTo(samples.AsSpan(2 * i));
            gyro.AsSpan(i, HarColumns.Axes).CopyTo(samples.AsSpan((2 * i) + HarColumns.Axes));
        }

        return samples;
    }

    private static List<(int Line, int[] Row)> ReadLabels(string directory)
    {
        using var reader = new StreamReader(HarFolder.OpenFile(directory, LabelsFile));
        var rows = new List<(int, int[])>();
        for (var line = 1; reader.ReadLine() is { } text; line++)
        {
            var parts = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length == 0) { continue; }
            var row = new int[5];
            var good = parts.Length == row.Length;
            for (var i = 0; good && i < row.Length; i++)
            {
                good = int.TryParse(parts[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out row[i]);
            }

            if (!good) { throw HarFolder.Malformed(LabelsFile, line, "5 whole numbers 'experiment user activity start end'", text); }
            rows.Add((line, row));
        }

        return rows;
    }
}
