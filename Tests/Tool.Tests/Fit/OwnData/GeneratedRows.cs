using StreamLearn.Simulation;

namespace Tool.Tests;

/// <summary>Rows of the generator as somebody's recordings, of users whom no other test has.</summary>
internal static class GeneratedRows
{
    internal static VariantRows Of(int people, long seed, double seconds = 400)
    {
        List<VariantPart> parts = [];
        using var world = new VirtualWorld();
        foreach (var user in Enumerable.Range(500, people))
        {
            var (values, labels) = (new List<float[]>(), new List<string>());
            world.Add(Pipeline.Define($"user-{user}", p => p
                .FromHarStream(new()
                {
                    User = user,
                    Seed = seed,
                    Duration = TimeSpan.FromSeconds(seconds),
                    SpeedUp = double.PositiveInfinity
                })
                .ForEach("keep", batch =>
                {
                    for (var row = 0; row < batch.Rows; row++)
                    {
                        values.Add([.. Enumerable.Range(0, batch.Channels.Count).Select(c => batch.Channels[c].Values<float>()[row])]);
                        var label = batch[Schema.LabelColumn];
                        labels.Add(label.IsValid(row) ? HarRecordings.Activities[label.Values<int>()[row]] : "");
                    }
                })));
            world.RunToEnd();
            parts.Add(new($"u{user}", [.. values], [.. labels]));
        }

        var names = HarStream.Schema.Fields.Where(static f => f.Type == ColumnType.Float32).Select(static f => $"{f.Name} [{f.Unit}]");
        return new("generated", [.. names], HarStream.RowsPerSecond, parts);
    }

    /// <summary>Vibration of machines with and without faults; each load is a device.</summary>
    internal static VariantRows Bearings(int machines, int rows)
    {
        var parts =
            from machine in Enumerable.Range(0, machines)
            from load in Enumerable.Range(0, StreamLearn.Samples.Bearings.Loads)
            from fault in Enum.GetValues<BearingFault>()
            select new VariantPart($"l{load}",
                Array.ConvertAll(StreamLearn.Samples.Bearings.Record(fault, load, machine, rows), static v => (float[])[v]),
                [.. Enumerable.Repeat(fault.ToString(), rows)]);
        return new("bearings", ["vibration [gn]"], StreamLearn.Samples.Bearings.RowsPerSecond, [.. parts]);
    }
}
