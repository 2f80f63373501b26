using StreamLearn;
using StreamLearn.Models;
using StreamLearn.Programs;
using StreamLearn.Testing;

namespace Sensor.Tests;

/// <summary>A configuration for somebody's files, with a model to begin with.</summary>
public sealed class CsvInitTests
{
    [Fact]
    public async Task Columns_are_those_of_the_model_in_its_order()
    {
        using var folder = new TemporaryFolder();
        var preparation = new Preparation([Field.Channel("x", Unit.One), Field.Channel("y", Unit.One)], 16, 8)
        {
            Kind = ModelKind.Linear,
            RowsPerSecond = 50,
        };
        var network = WindowModel.Create(preparation, 2, seed: 1);
        ModelFile.Save(folder.File("m.safetensors"), network, network.Initial, preparation.On(new() { Labels = ["a", "b"] }));
        async Task<string> TextOf(string head)
        {
            await File.WriteAllLinesAsync(folder.File("rows.csv"), [head, .. Enumerable.Range(0, 200).Select(static r =>
                $"{20 * r},{r % 5},{r % 7},{r % 3},{(r < 100 ? "a" : "b")}")], TestContext.Current.CancellationToken);
            return CsvInit.Text(new() { Csv = folder.File("rows.csv") }, folder.File("m.safetensors"));
        }

        var text = await TextOf("time_ms,y,z,x,label");
        var refused = await Assert.ThrowsAsync<FormatException>(() => TextOf("time_ms,y,z,w,label"));

        Assert.Contains("\n  x: {}\n  y: {}\n", text, StringComparison.Ordinal);
        Assert.Contains("--model: expected a column x, as the model was learned from; got y, z, w", refused.Message,
            StringComparison.Ordinal);
    }
}
