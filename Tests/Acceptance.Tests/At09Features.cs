using System.Text.Json;
using StreamLearn.Operators;

namespace Acceptance.Tests;

/// <summary>Section 9.3: online features for inertial sensors.</summary>
public sealed class At09Features(ITestOutputHelper output)
{
    [Fact]
    public void AT_9c_Features_of_a_window_equal_those_of_numpy_to_a_hundred_thousandth()
    {
        var file = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", "features.json"));
        using var golden = JsonDocument.Parse(file);
        var window = golden.RootElement.GetProperty("imu");
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.ImuFeatures(), HarStream.Schema);
        var channels = window.GetProperty("channels").EnumerateArray().Select(c => c.EnumerateArray().Select(v => v.GetSingle()).ToArray());
        var times = Enumerable.Range(0, MovementFeatures.Samples).Select(i => i * 20_000_000L).ToArray();

        probe.Send(Batches.Of(probe.Pool, HarStream.Schema, [times, .. channels, new int[MovementFeatures.Samples]]));

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
        var (people, unseen, real) = MovementFeatures.Load();
        var training = LabeledRows.Of(people);
        var model = new SoftmaxRegression(training.Width, HarRecordings.Activities.Length, seed: 1);

        var weights = new Fit(30, 32, new Adam(0.002f)).Train(model, training);

        var accuracy = unseen.Accuracy(model, weights);
        var kind = real ? "recorded" : "generated";
        output.WriteLine(FormattableString.Invariant(
            $"{accuracy:P2} of {unseen.Count} {kind} windows from {training.Width} features of {training.Count}"));
        Assert.InRange(accuracy, 0.9, 1);
    }
}
