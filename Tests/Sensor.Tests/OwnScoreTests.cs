namespace Sensor.Tests;

public sealed class OwnScoreTests
{
    [Theory]
    [InlineData(40, 0, "is of class 'b' or 'c', so the accuracy says nothing about them: a window needs 8 ")]
    [InlineData(39, 1, "is of class 'c', so the accuracy says nothing about it: a window needs 8 ")]
    public void Classes_of_which_no_window_has_come_are_named(int ofA, int ofB, string expected) =>
        Assert.StartsWith($"none of the 40 labelled windows {expected}", Assert.Single(Of(("d", [ofA, 0, 0, 0, ofB, 0, 0, 0, 0]))),
            StringComparison.Ordinal);

    [Fact]
    public void Devices_of_one_class_each_only_know_their_own() =>
        Assert.StartsWith("each device has windows of one class only",
            Assert.Single(Of(("d", [20, 0, 0, 0, 0, 0, 0, 0, 0]), ("e", [0, 0, 0, 0, 20, 0, 0, 0, 0]), ("f", [0, 0, 0, 0, 0, 0, 0, 0, 9]))),
            StringComparison.Ordinal);

    [Fact]
    public void Fewer_right_answers_than_the_most_frequent_class_has_windows_are_said() =>
        Assert.Equal("0.500 of the 60 windows were answered correctly before learning from them; always answering 'a' would be correct "
            + "for 0.667: the model has learned too little", Assert.Single(Of(("d", [30, 10, 0, 18, 0, 0, 2, 0, 0]))));

    [Theory]
    [InlineData(3, 0.2)]
    [InlineData(7, 0.6)]
    public void A_device_without_the_last_layers_no_longer_counts(int layers, double expected)
    {
        var score = new OwnScore();
        score.Add(Evaluation("a", [10, 0, 0, 0]));
        score.Add(Evaluation("b", [2, 8, 0, 0]));

        SplitShown.Look(score, 7, [("a", Layers(layers)), ("b", new Dictionary<string, double>())]);

        Assert.Equal(expected, score.Accuracy!.Value, 1e-9);
        SplitShown.Look(score, 7, [("a", Layers(0)), ("b", Layers(0))]);
        Assert.Null(score.Accuracy);
    }

    private static Dictionary<string, double> Layers(int here) => new() { ["layers"] = here };

    [Fact]
    public void Nothing_is_said_of_an_accuracy_that_says_it_or_of_few_windows()
    {
        Assert.Empty(Of(("d", [20, 0, 0, 0, 10, 0, 0, 0, 10])));
        Assert.Empty(Of(("d", [30, 0, 0, 0, 9, 0, 0, 0, 0])));
    }

    private static IReadOnlyList<string> Of(params (string Device, long[] Confusion)[] answers)
    {
        var score = new OwnScore();
        foreach (var (device, confusion) in answers) { score.Add(Evaluation(device, confusion)); }

        return score.Caveats(["a", "b", "c"], samples: 8);
    }

    private static Evaluation Evaluation(string device, long[] confusion) => new()
    {
        Device = device,
        ModelVersion = 1,
        Rows = confusion.Sum(),
        Correct = Enumerable.Range(0, (int)Math.Sqrt(confusion.Length)).Sum(c => confusion[c * ((int)Math.Sqrt(confusion.Length) + 1)]),
        Loss = 1,
        Confusion = [.. confusion],
    };
}
