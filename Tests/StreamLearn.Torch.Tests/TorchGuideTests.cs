using StreamLearn.Models;

namespace StreamLearn.Torch.Tests;

/// <summary>The examples of docs/guides/models-of-other-tools.md do what the page says.</summary>
public sealed class TorchGuideTests
{
    private static readonly Schema Columns =
        new([.. Enumerable.Range(0, 6).Select(static c => Field.Channel($"c{c}", Unit.One)), Field.Label()]);

    [Fact]
    public void The_module_is_fitted_saved_and_read_again()
    {
        var (model, rows) = (TorchGuideExamples.Gait(), HarRows.Generated(1, 1, 2));
        var weights = TorchGuideExamples.Fit(model, rows, Path.Combine(AppContext.BaseDirectory, "guide.safetensors"));
        Assert.Equal((1, model.Plan.SchemaHash), (weights.Version, weights.SchemaHash));
        Assert.NotEqual(model.Initial.Sha256(), weights.Sha256());
        Assert.NotEqual(1, model.Plan.Find(ModelPlan.ScaleInverse)!.Of(weights.Values.AsSpan())[0]);
        Assert.Equal(640_000, model.Plan.MultiplyAdds);
    }

    [Fact]
    public async Task A_device_trains_and_answers()
    {
        await using var run = Pipeline.Define("device", p => TorchGuideExamples.OnADevice(p.Input<Batch>("rows", Columns, maxRows: 128),
            p.Input<Weights>("models"), TorchGuideExamples.Gait())).Start(null, TestContext.Current.CancellationToken);
        var batch = run.Pool.Rent(Columns, 128);
        for (var c = 0; c < 6; c++) { batch.Channels[c].Writable<float>().Fill(1); }
        batch["label"].Writable<int>().Fill(2);
        for (var r = 0; r < 128; r++) { batch["label"].SetValid(r, true); }
        await run.SendAsync("rows", batch);
        await foreach (var answer in run.ReadAllAsync<Batch>("answers", TestContext.Current.CancellationToken))
        {
            using (answer) { Assert.Equal(1, answer.Rows); }
            break;
        }
    }

    [Fact]
    public void A_script_and_a_module_of_two_heads_are_models_too()
    {
        var scripted = TorchGuideExamples.Scripted(Path.Combine(AppContext.BaseDirectory, "Scripts", "lstm.pt"));
        Assert.StartsWith("torch lstm ", scripted.Structure, StringComparison.Ordinal);
        Assert.Equal([26_000L, 60_000], TorchGuideExamples.TwoHeads().MultiplyAddsTo);
    }
}
