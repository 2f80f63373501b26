using StreamLearn.Models;
using StreamLearn.Operators;
using StreamLearn.Tables;

namespace StreamLearn.Onnx.Tests;

/// <summary>Networks with what comes before them: ONNX Runtime answers raw windows.</summary>
public sealed class WindowSaveTests
{
    [Theory, InlineData("features"), InlineData("motion"), InlineData("dense"), InlineData("odd"), InlineData("value")]
    [InlineData("rocket"), InlineData("conv"), InlineData("lags")]
    public void Raw_windows_are_answered_alike_in_ONNX_Runtime(string name)
    {
        var made = PreparedWindows.Of(name);
        var bytes = OtherRuntime.Saved(made.Network, made.Weights, made.Card, new() { Window = WindowOf(made) });
        var size = made.Preparation.WindowRows * made.Preparation.Channels.Length;
        Assert.Equal(1_000, made.Count);
        OtherRuntime.AssertClose(made.Answers, OtherRuntime.Answers(bytes, made.Raw, size), 1e-5f);
    }

    /// <summary>Every feature that there is, each against the block that makes it.</summary>
    [Fact]
    public void Every_feature_has_a_form()
    {
        var rows = PreparedWindows.Of("features", 50);
        var options = new FeaturesOptions { Features = Feature.All, Bands = [new("low", 0, 3), new("high", 3, 99)], SamplesPerSecond = 50 };
        var schema = new Schema([Field.Time(), .. rows.Preparation.Channels]);
        var plan = options.Plan(schema);
        var expected = PreparedWindows.Described(rows, options);
        var network = new Network(new(expected.Length / 50), expected.Length / 50, [new Flatten()], [new(0, new Flatten())],
            objective: new SquaredError());
        var bytes = OtherRuntime.Saved(
            network, network.Initial, options: new() { Window = new(128, 2) { Features = OnnxWindows.Of(plan, 128) } });
        OtherRuntime.AssertClose(expected, OtherRuntime.Answers(bytes, rows.Raw, 256), 1e-5f);
    }

    [Fact]
    public void What_has_no_form_or_does_not_fit_is_refused_by_name()
    {
        var made = PreparedWindows.Of("features", 2);
        var schema = new Schema([Field.Time(), .. "xyz".Select(static a => Field.Channel($"acc {a}", Unit.One))]);
        var window = WindowOf(made);
        Assert.Contains("acc x: gravity", Assert.Throws<NotSupportedException>(() =>
            new ImuFeaturesOptions { SeparateGravity = true, SamplesPerSecond = 50 }.Plan(schema)).Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => new ImuFeaturesOptions().Plan(schema));
        foreach (var other in (OnnxWindow[])[window with { Channels = 3 }, window with { Rows = 1 }, window with { Features = null }])
        {
            Assert.Throws<ArgumentException>(() => OtherRuntime.Saved(made.Network, made.Weights, options: new() { Window = other }));
        }
    }

    [Fact]
    public void A_file_of_windows_has_the_names_of_their_columns_and_is_no_network()
    {
        var made = PreparedWindows.Of("motion", 2);
        var card = made.Card with { Channels = made.Preparation.Channels };
        var bytes = OtherRuntime.Saved(made.Network, made.Weights, card, new() { Window = WindowOf(made) });
        var said = OtherRuntime.Metadata(bytes);
        Assert.StartsWith("[\"acc x\",\"acc y\",", said["channels"], StringComparison.Ordinal);
        Assert.StartsWith("[\"m/s2\",\"m/s2\",\"m/s2\",\"rad/s\"", said["units"], StringComparison.Ordinal);
        Assert.Contains("--network-only", Assert.Throws<ModelFormatException>(() => OnnxFile.Load(bytes)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => OtherRuntime.Saved(made.Network, made.Weights, card));
    }

    internal static OnnxWindow WindowOf(PreparedWindows made) => made.Preparation.OnnxWindow!;
}
