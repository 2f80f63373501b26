using System.Text.Json;
using StreamLearn;
using StreamLearn.Models;
using StreamLearn.Operators;
using StreamLearn.Samples;
using StreamLearn.Simulation;
using StreamLearn.Testing;

namespace Acceptance.Tests;

/// <summary>Section 9.3: online features for inertial sensors.</summary>
public sealed class At09Features(ITestOutputHelper output)
{
    private const int Samples = 128;        // 2.56 s at 50 Hz

    /// <summary>The window and its features are those that <c>StreamLearn.Operators.Tests/Golden/features.py</c> made.</summary>
    [Fact]
    public void AT_9c_Features_of_a_window_equal_those_of_numpy_to_a_hundred_thousandth()
    {
        var file = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", "features.json"));
        using var golden = JsonDocument.Parse(file);
        var window = golden.RootElement.GetProperty("imu");
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.ImuFeatures(), HarStream.Schema);
        var channels = window.GetProperty("channels").EnumerateArray().Select(c => c.EnumerateArray().Select(v => v.GetSingle()).ToArray());
        var times = Enumerable.Range(0, Samples).Select(i => i * 20_000_000L).ToArray();

        probe.Send(Batches.Of(probe.Pool, HarStream.Schema, [times, .. channels, new int[Samples]]));

        var row = probe.Take<Batch>();
        Assert.Equal(174, window.GetProperty("features").EnumerateObject().Count());
        Assert.All(window.GetProperty("features").EnumerateObject(), feature =>
        {
            var expected = feature.Value.GetDouble();
            Assert.Equal(expected, row[feature.Name].Values<float>()[0], 1e-5 * Math.Max(1, Math.Abs(expected)));
        });
    }

    /// <summary>Six raw channels and nothing else; recorded windows of people by the official split, or generated ones.</summary>
    /// <remarks>scikit-learn on the same features: <c>Accuracy/har_features.py</c>.</remarks>
    [Fact]
    public void AT_9c_Softmax_regression_on_features_answers_90_percent_of_the_windows_of_unseen_people()
    {
        var (training, unseen, real) = Load();
        for (var c = 0; c < training.Width; c++) { Scale(training, unseen, c); }
        var model = new SoftmaxRegression(training.Width, HarRecordings.Activities.Length, seed: 1);

        var weights = new Fit(30, 32, new Adam(0.002f)).Train(model, training);

        var accuracy = unseen.Accuracy(model, weights);
        var kind = real ? "recorded" : "generated";
        output.WriteLine(FormattableString.Invariant(
            $"{accuracy:P2} of {unseen.Count} {kind} windows from {training.Width} features of {training.Count}"));
        Assert.InRange(accuracy, 0.9, 1);
    }

    private static (LabeledRows Training, LabeledRows Unseen, bool Real) Load()
    {
        if (SharedFolders.Find("har") is { } folder)
        {
            var recordings = HarRecordings.Open(folder);
            LabeledRows Of(IEnumerable<int> people) => Described(people.Select(person => (Func<PipelineBuilder, Flow<Batch>>)(p =>
                p.FromHar(recordings, person, new() { SpeedUp = double.PositiveInfinity })
                    .Window(Samples, Samples / 2, new() { Segment = "recording" }))));
            return (Of(HarRecordings.TrainingPeople), Of(HarRecordings.TestPeople), true);
        }

        LabeledRows Generated(int first, int count) => Described(
            Enumerable.Range(first, count).Select(user => (Func<PipelineBuilder, Flow<Batch>>)(p =>
                p.FromHarStream(new() { User = user, Seed = 1, SpeedUp = double.PositiveInfinity }).Window(Samples, Samples / 2))));
        return (Generated(0, 20), Generated(20, 10), false);
    }

    /// <summary>The features of the windows of which all rows are of one activity.</summary>
    private static LabeledRows Described(IEnumerable<Func<PipelineBuilder, Flow<Batch>>> windows)
    {
        var (features, labels) = (new List<float>(), new List<int>());
        using var world = new VirtualWorld();
        foreach (var (index, source) in windows.Index())
        {
            world.Add(Pipeline.Define($"person-{index}", p => source(p).ImuFeatures().ForEach("keep", row =>
            {
                if (!row["label"].IsValid(0)) { return; }
                labels.Add(row["label"].Values<int>()[0]);
                for (var c = 0; c < row.Channels.Count; c++) { features.Add(row.Channels[c].Values<float>()[0]); }
            })));
        }

        world.RunToEnd();
        return new([.. features], [.. labels]);
    }

    /// <summary>Brings a feature to mean 0 and deviation 1 of the training part.</summary>
    private static void Scale(LabeledRows training, LabeledRows unseen, int feature)
    {
        var values = Enumerable.Range(0, training.Count).Select(r => (double)training.Features[(r * training.Width) + feature]).ToList();
        var mean = values.Average();
        var inverse = 1 / Math.Sqrt(values.Average(v => (v - mean) * (v - mean)) + 1e-8);
        foreach (var rows in new[] { training, unseen })
        {
            for (var at = feature; at < rows.Features.Length; at += rows.Width)
            {
                rows.Features[at] = (float)((rows.Features[at] - mean) * inverse);
            }
        }
    }
}
