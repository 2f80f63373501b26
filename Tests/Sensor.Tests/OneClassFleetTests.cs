namespace Sensor.Tests;

public sealed class OneClassFleetTests(ITestOutputHelper output) : IDisposable
{
    private const double MaxBelow = 0.03;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Devices_of_one_class_each_and_of_different_lengths_learn_nearly_what_one_machine_does()
    {
        OneClassRows.Levels(_folder.Path);

        var fleet = OneClassFleet.Run(_folder.Path, "features", seed: 1);

        output.WriteLine($"{fleet}");
        Assert.InRange(fleet.Accuracy, fleet.Alone - MaxBelow, 1);
    }

    /// <summary>Prints the table of the page: recordings of people, those between radio nodes, machines, and what the first test
    /// takes.</summary>
    [LongFact]
    public void Of_four_data_sets_and_three_seeds_a_fleet_of_one_class_devices_stays_within_three_points()
    {
        output.WriteLine("data      model     seed  one machine  fleet   MB sent");
        List<string> below = [];
        foreach (var (name, write) in DataSets())
        {
            var folder = _folder.File(name);
            write(folder);
            foreach (var kind in new[] { "features", "linear" })
            {
                for (var seed = 1; seed <= 3; seed++)
                {
                    var fleet = OneClassFleet.Run(folder, kind, seed);
                    var line = FormattableString.Invariant($"{name,-9} {kind,-8} {seed,5} {fleet.Alone,12:0.000} {fleet.Accuracy,6:0.000}")
                        + FormattableString.Invariant($" {fleet.BytesUp / 1e6,9:0.0}");
                    output.WriteLine(line);
                    if (fleet.Accuracy < fleet.Alone - MaxBelow) { below.Add(line); }
                }
            }
        }

        Assert.Empty(below);
    }

    private static IEnumerable<(string Name, Action<string> Write)> DataSets()
    {
        if (SharedStreams.Folder("har") is { } har) { yield return ("har", to => OneClassRows.Har(har, to)); }
        if (SharedStreams.Folder("arem") is { } arem) { yield return ("arem", to => OneClassRows.Arem(arem, to)); }
        yield return ("machines", OneClassRows.Machines);
        yield return ("levels", OneClassRows.Levels);
    }
}
