using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

[assembly: AssemblyFixture(typeof(Examples.Tests.ShortRecordings))]

namespace Examples.Tests;

/// <summary>Generated people in files, 150 seconds each: sixteen times shorter than what the program generates, for tests of runs on real
/// threads, whose length is that of the data.</summary>
public sealed class ShortRecordings : IDisposable
{
    private const int Seconds = 150;
    private const double StepsPerGravity = 720;
    private const double StepsPerRadian = 180 / (0.0175 * Math.PI);

    /// <summary>Twelve to learn from, and one, number 2, to judge by.</summary>
    private static readonly int[] People = [1, 2, 3, 5, 6, 7, 8, 11, 14, 15, 16, 17, 19];

    private readonly TemporaryFolder _folder = new();

    public ShortRecordings()
    {
        var experiments = new StringBuilder("experiment,user,offset,length\n");
        var labels = new StringBuilder("experiment,user,activity,start,end\n");
        using var samples = new GZipStream(File.Create(_folder.File("raw50hz.i16.gz")), CompressionLevel.Fastest);
        for (var i = 0; i < People.Length; i++)
        {
            const int Rows = Seconds * HarStream.RowsPerSecond;
            experiments.Append(CultureInfo.InvariantCulture, $"{i + 1},{People[i]},{i * Rows},{Rows}\n");
            Write(People[i], samples, (activity, first, last) =>
                labels.Append(CultureInfo.InvariantCulture, $"{i + 1},{People[i]},{activity + 1},{first},{last}\n"));
        }

        File.WriteAllText(_folder.File("raw_experiments.csv"), experiments.ToString());
        File.WriteAllText(_folder.File("raw_labels.csv"), labels.ToString());
        File.WriteAllText(_folder.File("no-faults.json"), "{}");
        Data = ["--data", _folder.Path];
        WithoutFaults = [.. Data, "--scenario", _folder.File("no-faults.json")];
    }

    public IReadOnlyList<string> Data { get; }

    /// <summary>Options for these people with sensors that all work. One with a stuck axis never takes part in a round: on real threads,
    /// which version takes in the moments of its few rows is open.</summary>
    public IReadOnlyList<string> WithoutFaults { get; }

    public void Dispose() => _folder.Dispose();

    private static void Write(int person, Stream samples, Action<int, int, int> onBout)
    {
        var options = new HarStreamOptions { User = person, Seed = 1, Duration = TimeSpan.FromSeconds(Seconds) };
        using var probe = new SourceProbe<Batch>(p => p.FromHarStream(options));
        var (row, first, activity) = (0, 1, -1);
        while (probe.NextAt is not null)
        {
            using var batch = probe.Next();
            var raw = new short[batch.Rows * 6];
            for (var r = 0; r < batch.Rows; r++, row++)
            {
                for (var c = 0; c < 6; c++)
                {
                    raw[(r * 6) + c] = (short)Math.Round(batch.Channels[c].Values<float>()[r] * (c < 3 ? StepsPerGravity : StepsPerRadian));
                }

                var label = batch.Columns[7].Values<int>()[r];
                if (label == activity) { continue; }
                if (row > 0) { onBout(activity, first, row); }
                (activity, first) = (label, row + 1);
            }

            samples.Write(MemoryMarshal.AsBytes(raw.AsSpan()));
        }

        onBout(activity, first, row);
    }
}
