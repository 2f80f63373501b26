using StreamLearn.Operators;

namespace Acceptance.Tests;

/// <summary>Features of windows of people's movements, each brought to mean 0 and deviation 1 of the people who are learned from.</summary>
internal static class MovementFeatures
{
    internal const int Samples = 128;        // 2.56 s at 50 Hz

    /// <summary>Recorded windows by the official split of people, or generated ones. <c>People</c>: each one who is learned from.</summary>
    internal static (ImmutableArray<LabeledRows> People, LabeledRows Unseen, bool Real) Load()
    {
        var folder = SharedFolders.Find("har");
        var (people, others) = folder is null ? Generated() : Recorded(HarRecordings.Open(folder));
        var unseen = LabeledRows.Of(others);
        for (var c = 0; c < unseen.Width; c++) { Scale(people, unseen, c); }
        return (people, unseen, folder is not null);
    }

    private static (ImmutableArray<LabeledRows> People, ImmutableArray<LabeledRows> Others) Recorded(HarRecordings recordings)
    {
        ImmutableArray<LabeledRows> Of(IEnumerable<int> people) => Described(
            people.Select(person => (Func<PipelineBuilder, Flow<Batch>>)(p =>
                p.FromHar(recordings, person, new() { SpeedUp = double.PositiveInfinity })
                    .Window(Samples, Samples / 2, new() { Segment = "recording" }))));
        return (Of(HarRecordings.TrainingPeople), Of(HarRecordings.TestPeople));
    }

    private static (ImmutableArray<LabeledRows> People, ImmutableArray<LabeledRows> Others) Generated()
    {
        ImmutableArray<LabeledRows> Of(int first, int count) => Described(
            Enumerable.Range(first, count).Select(user => (Func<PipelineBuilder, Flow<Batch>>)(p =>
                p.FromHarStream(new() { User = user, Seed = 1, SpeedUp = double.PositiveInfinity }).Window(Samples, Samples / 2))));
        return (Of(0, 20), Of(20, 10));
    }

    private static ImmutableArray<LabeledRows> Described(IEnumerable<Func<PipelineBuilder, Flow<Batch>>> windows)
    {
        var people = new List<(List<float> Features, List<int> Labels)>();
        using var world = new VirtualWorld();
        foreach (var (index, source) in windows.Index())
        {
            var (features, labels) = (new List<float>(), new List<int>());
            people.Add((features, labels));
            world.Add(Pipeline.Define($"person-{index}", p => source(p).ImuFeatures().ForEach("keep", row =>
            {
                if (!row["label"].IsValid(0)) { return; }
                labels.Add(row["label"].Values<int>()[0]);
                for (var c = 0; c < row.Channels.Count; c++) { features.Add(row.Channels[c].Values<float>()[0]); }
            })));
        }

        world.RunToEnd();
        return [.. people.Select(static p => new LabeledRows([.. p.Features], [.. p.Labels]))];
    }

    private static void Scale(ImmutableArray<LabeledRows> people, LabeledRows unseen, int feature)
    {
        var values = people.SelectMany(p => Enumerable.Range(0, p.Count).Select(r => (double)p.Features[(r * p.Width) + feature])).ToList();
        var mean = values.Average();
        var inverse = 1 / Math.Sqrt(values.Average(v => (v - mean) * (v - mean)) + 1e-8);
        foreach (var rows in people.Append(unseen))
        {
            for (var at = feature; at < rows.Features.Length; at += rows.Width)
            {
                rows.Features[at] = (float)((rows.Features[at] - mean) * inverse);
            }
        }
    }
}
