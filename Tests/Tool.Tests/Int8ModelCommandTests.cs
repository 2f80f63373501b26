using StreamLearn.Compression;
using StreamLearn.Models;
using StreamLearn.Programs;
using StreamLearn.Tables;

namespace Tool.Tests;

public sealed class Int8ModelCommandTests : IDisposable
{
    private const int Rows = 40;

    private static readonly Preparation EachRow = new([Field.Channel("a", Unit.One), Field.Channel("b", Unit.One)], 1, 1)
    {
        Kind = ModelKind.Features,
    };

    private static readonly float[] Values = [.. Enumerable.Range(0, 2 * Rows).Select(static i => (i * 37 % 101 / 25f) - 2)];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Rows_are_answered_with_its_integers()
    {
        var (small, rows) = (Small(), _folder.File("rows.csv"));
        await File.WriteAllLinesAsync(rows, Values.Chunk(2).Select(static v =>
            string.Create(CultureInfo.InvariantCulture, $"{v[0]:R},{v[1]:R}")).Prepend("a,b"), TestContext.Current.CancellationToken);
        var expected = new float[2 * Rows];
        small.Model.Infer(small.Weights.Values.AsSpan(), new(Values, Rows), expected, new());

        var run = await ToolRun.RunAsync("answer", Path(small), "--csv", rows);
        var bound = await ToolRun.RunAsync("answer", Path(small), "--csv", rows, "--bound", "0.9");

        Assert.True(run.ExitCode == 0, run.Error);
        var answers = run.Output.TrimEnd().Split('\n')[1..].Select(static l => l.Split(',')).ToList();
        Assert.Equal(expected.Chunk(2).Select(static e => e[0] >= e[1] ? "off" : "on"), answers.Select(static a => a[^2]));
        Assert.All(expected.Chunk(2).Zip(answers), static both =>
            Assert.Equal(both.First.Max(), float.Parse(both.Second[^1], CultureInfo.InvariantCulture), 0.00051f));
        Assert.Equal(65, bound.ExitCode);       // scores are of answers in float32
    }

    [Fact]
    public void It_is_exported_as_ONNX_and_not_as_C_and_said_to_be_int8()
    {
        var (file, onnx, header) = (Path(Small()), _folder.File("m.onnx"), _folder.File("m.h"));

        var (written, refused) = (Run("export", file, "--onnx", onnx), Run("export", file, "--c", header));

        Assert.Equal((0, ""), (written.ExitCode, written.Error));
        Assert.Contains("DequantizeLinear", File.ReadAllText(onnx), StringComparison.Ordinal);
        Assert.Equal((1, $"streamlearn: {file}: C: expected a float32 model, got int8: export the float32 model that it was made from\n"),
            (refused.ExitCode, refused.Error));
        Assert.False(File.Exists(header));
        Assert.Contains("precision      int8", Run("explain", file).Output, StringComparison.Ordinal);
        Assert.Contains("\"precision\": \"int8\"", Run("explain", file, "--json").Output, StringComparison.Ordinal);
        Assert.Contains("got int8 ", Run("profile", file).Error, StringComparison.Ordinal);
        Assert.Contains("m.safetensors is an int8 model, which cannot learn",
            Assert.Throws<FormatException>(() => ModelConfig.Of(file)).Message, StringComparison.Ordinal);
    }

    private static LoadedModel Small()
    {
        var network = WindowModel.Create(EachRow, 2, 1);
        return new LoadedModel(network, network.Initial, EachRow.On(new() { Labels = ["off", "on"] })).Quantize(new(Values, Rows));
    }

    private string Path(LoadedModel model)
    {
        var path = _folder.File("m.safetensors");
        ModelFile.Save(path, model.Model, model.Weights, model.Card);
        return path;
    }
}
