using System.Diagnostics;
using StreamLearn.Models;
using StreamLearn.Onnx;
using StreamLearn.Tables;

namespace Tool.Tests;

public sealed class ExportTests
{
    [Theory]
    [InlineData(ModelKind.Conv)]
    [InlineData(ModelKind.Features)]
    [InlineData(ModelKind.Linear)]
    public void A_network_of_windows_is_written_with_its_names_and_read_again(ModelKind kind)
    {
        using var folder = new TemporaryFolder();
        var preparation = new Preparation([Field.Channel("a", Unit.One)], 64, 32) { Kind = kind, RowsPerSecond = 50 };
        var network = WindowModel.Create(preparation, 2, 1);
        var (from, to) = (folder.File("m.safetensors"), folder.File("m.onnx"));
        ModelFile.Save(from, network, network.Initial, preparation.On(new() { Labels = ["off", "on"] }));

        Assert.Contains("input windows of 64 rows and 1 channels, 2 outputs", Run("export", from, "--onnx", to).Output,
            StringComparison.Ordinal);
        var (exitCode, output, error) = Run("export", from, "--onnx", to, "--network-only");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains($"input {network.Plan.Input}, 2 outputs", output, StringComparison.Ordinal);
        Assert.Contains("rows-per-second", File.ReadAllText(to), StringComparison.Ordinal);
        Assert.Equal(network.Plan.Input, OnnxFile.Load(to).Network.Plan.Input);
    }

    [Fact]
    public void What_cannot_be_read_or_written_is_refused()
    {
        using var folder = new TemporaryFolder();
        var (from, to) = (folder.File("m.safetensors"), folder.File("m.onnx"));
        IModel model = new KMeans(3, 2);
        ModelFile.Save(from, model, model.Initial);

        Assert.Equal((1, "", $"streamlearn: {from}: expected a network, got {model.Structure}\n"), Run("export", from, "--onnx", to));
        Assert.Equal(73, Run("export", "mlp:4-3-2", "--onnx", folder.File("none/m.onnx")).ExitCode);
        Assert.Equal(2, Run("export", "mlp:4-3-2").ExitCode);
        Assert.False(File.Exists(to));
        Assert.Contains("streamlearn export out/model.safetensors --onnx model.onnx", Run("export", "--help").Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Names_of_columns_and_of_the_value_are_written_and_rows_found_by_them()
    {
        using var folder = new TemporaryFolder();
        var (from, to, rows) = (folder.File("m.safetensors"), folder.File("m.onnx"), folder.File("rows.csv"));
        var preparation = new Preparation([Field.Channel("a", Unit.One), Field.Channel("b", new("Pa"))], 64, 32)
        {
            Kind = ModelKind.Features,
            RowsPerSecond = 50,
        };
        var network = WindowModel.Create(preparation, new SquaredError(), 1);
        ModelFile.Save(from, network, network.Initial, TargetCard.On(preparation.On(ModelCard.Empty), "co2", new("ppm")));
        Run("export", from, "--onnx", to);
        Assert.All((string[])["[\"a\",\"b\"]", "[\"1\",\"Pa\"]", "[\"co2\"]"], text =>
            Assert.Contains(text, File.ReadAllText(to), StringComparison.Ordinal));
        Assert.Contains("--network-only", Run("explain", to).Error, StringComparison.Ordinal);

        network = WindowModel.Create(preparation with { WindowRows = 1, HopRows = 1 }, new SquaredError(), 1);
        ModelFile.Save(from, network, network.Initial,
            TargetCard.On((preparation with { WindowRows = 1, HopRows = 1 }).On(ModelCard.Empty), "co2", new("ppm")));
        Run("export", from, "--onnx", to);
        File.WriteAllText(rows, "label,b,a\ngood,1,2\n");
        var (exitCode, output, error) = Run("answer", to, "--rows", rows);

        Assert.Equal((0, ""), (exitCode, error));
        Assert.StartsWith("co2\n", output, StringComparison.Ordinal);
        Assert.Contains("got an ONNX file", Assert.Throws<ProgramException>(() => WindowModelFile.Read(to)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--onnx")]
    [InlineData("--c")]
    public async Task A_link_and_a_pipe_stay_what_they_are(string option)
    {
        using var folder = new TemporaryFolder();
        var (file, link, pipe) = (folder.File("target"), folder.File("link.h"), folder.File("link.pipe"));
        if (option == "--c") { File.WriteAllText(file, "before"); }     // the other link leads to nothing at first
        File.CreateSymbolicLink(link, "target");
        await Process.Start("mkfifo", pipe).WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, Run("export", "mlp:4-3-2", option, link).ExitCode);
        var reading = Task.Run(() => File.ReadAllBytes(pipe));
        var (exitCode, output, error) = Run("export", "mlp:4-3-2", option, pipe);
        var bytes = await reading;

        Assert.Equal("target", new FileInfo(link).LinkTarget);
        Assert.Equal((0, "", "a pipe"), (exitCode, error, SavedFile.KindOf(pipe)));
        Assert.Equal(File.ReadAllBytes(file), bytes);
        Assert.True(option == "--c" || output.Contains($": {bytes.Length} bytes", StringComparison.Ordinal));
        Assert.False(File.Exists(file + ".new"));
    }
}
