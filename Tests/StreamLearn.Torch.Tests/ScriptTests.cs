using StreamLearn.Models;

namespace StreamLearn.Torch.Tests;

/// <summary>Modules that Python saved: <c>Scripts/scripts.py</c> made the files, by torch 1.13.</summary>
public sealed class ScriptTests
{
    private static readonly Shape Signal = new(3, 16);

    [Fact]
    public void A_script_answers_as_Python_did()
    {
        var outputs = Answers();
        float[] python =        // printed by scripts.py
        [
            0.03222073f, -0.01012801f, -0.09340994f, -0.09791812f, 0.04914062f, -0.04247009f,
            -0.06608818f, -0.1404149f, 0.04955854f, -0.07021233f, -0.03661993f, -0.1647729f,
        ];
        for (var i = 0; i < python.Length; i++) { Assert.Equal(python[i], outputs[i], 1e-6f); }
    }

    /// <summary>What the script answers to three rows.</summary>
    internal static float[] Answers()
    {
        var model = TorchModel.FromScript(File("lstm.pt"), Signal, 4, new() { Loss = new SquaredError() });
        var rows = Enumerable.Range(0, 3 * 48).Select(static i => ((i % 17) - 8) / 8f).ToArray();
        var outputs = new float[12];
        model.Infer(model.Initial.Values.AsSpan(), new(rows, 3), outputs, new());
        return outputs;
    }

    [Fact]
    public void A_script_learns_and_is_resumed_to_the_same_bits()
    {
        var model = TorchModel.FromScript(File("lstm.pt"), Signal, 4, new() { Seed = 3 });
        var made = Rows.Of(Signal, 65, 4);
        for (var r = 0; r < 65; r++) { made.Features[r * 48] += 3 * made.Labels[r]; }
        var (whole, resumed) = Fits.Resumed(model, new(made.Features, made.Labels), new() { Epochs = 6, ValidationShare = 0 });
        Assert.Equal(whole.Weights.Sha256(), resumed.Weights.Sha256());
        Assert.True(whole.Epochs[^1].Loss < whole.Epochs[0].Loss);
        Assert.Contains(model.Plan.Slices, static s => s is { Name: "norm.gain", Kind: SliceKind.Trained });
        Assert.Contains(model.Plan.Slices, static s => s is { Name: "norm.running_var", Kind: SliceKind.Statistic });
        var statistic = model.Plan.Find("norm.running_mean")!;
        Assert.NotEqual(statistic.Of(model.Initial.Values.AsSpan()).ToArray(), statistic.Of(whole.Weights.Values.AsSpan()).ToArray());
    }

    [Theory]
    [InlineData("counting.pt", "without state between calls, got one that sets an attribute: self.seen = ")]
    [InlineData("noisy.pt", "without random numbers except dropout, got one with torch.randn_like(")]
    [InlineData("dropping.pt", "uses random numbers in inference")]
    [InlineData("scripts.py", "expected a file of torch.jit.save")]
    public void A_script_that_would_not_give_the_same_step_again_is_refused(string file, string reason)
    {
        var refusal = Assert.Throws<ArgumentException>(() => TorchModel.FromScript(File(file), Signal, 4));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    private static string File(string name) => Path.Combine(AppContext.BaseDirectory, "Scripts", name);
}
