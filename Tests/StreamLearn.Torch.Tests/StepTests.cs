using StreamLearn.Models;
using static TorchSharp.torch.nn;

namespace StreamLearn.Torch.Tests;

/// <summary>Steps and answers: the same bits, from any thread, in steady memory.</summary>
public sealed class StepTests
{
    private static readonly Shape Signal = new(3, 16);

    [Fact]
    public async Task Losses_on_eight_threads_have_the_bits_of_one_thread()
    {
        var (model, rows) = (Mixed(), Rows.Of(Signal, 8, 4));
        var alone = Enumerable.Range(0, 64).Select(number => Step(model, rows, number)).ToList();
        var together = new byte[64][];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Factory.StartNew(() =>
        {
            for (var number = thread; number < 64; number += 8) { together[number] = Step(model, rows, number); }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        Assert.All(together.Index(), pair => Assert.Equal(alone[pair.Index], pair.Item));
        Assert.NotEqual(alone[0], alone[1]);        // another number drops other values
    }

    [Fact]
    public async Task Answers_on_eight_threads_are_those_of_their_weights()
    {
        var (model, rows) = (Mixed(), Rows.Of(Signal, 8, 4));
        var versions = Enumerable.Range(0, 8).Select(v => model.Initial with
        {
            Version = v,
            Values = [.. model.Initial.Values.Select(value => value * (1 + (0.1f * v)))],
        }).ToArray();
        var alone = versions.Select(v => Answer(model, v, rows)).ToList();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 20; i++) { Assert.Equal(alone[thread], Answer(model, versions[thread], rows)); }
        }, TestContext.Current.CancellationToken)));
    }

    [Fact]
    public void A_version_that_stays_is_loaded_once_and_another_one_is_noticed()
    {
        var (model, rows) = (Mixed(), Rows.Of(Signal, 2, 4));
        var other = model.Initial with { Version = 1, Values = [.. model.Initial.Values.Select(static v => v * 2)] };
        var first = Answer(model, model.Initial, rows);
        Assert.NotEqual(first, Answer(model, other, rows));
        Assert.Equal(first, Answer(model, model.Initial, rows));
        var spans = new float[8];
        model.Infer(other.Values.AsSpan(), rows.Sample, spans, new());
        Assert.Equal(Answer(model, other, rows), spans);
        Assert.Equal(first, Answer(model, model.Initial, rows));
    }

    [Fact]
    public void One_row_is_learned_from_where_a_norm_needs_two()
    {
        var (model, rows) = (Mixed(), Rows.Of(Signal, 1, 4));
        var gradients = new float[model.Plan.Values];
        Assert.True(float.IsFinite(model.Loss(model.Initial.Values.AsSpan(), rows.Sample, gradients, new())));
    }

    /// <summary>Convolution, two batch norms and a dropout over rows that are scaled.</summary>
    internal static TorchModel Mixed() => new("mixed", Signal, 4, static () => Sequential(
        ("scale", new InputScale(3)), ("a", Conv1d(3, 8, 5)), ("norm", BatchNorm1d(8)), ("r", ReLU()),
        ("drop", Dropout(0.3)), ("f", Flatten()), ("b", Linear(96, 16)), ("n", BatchNorm1d(16)),
        ("c", Linear(16, 4))), new() { Seed = 9 });

    private static byte[] Step(TorchModel model, Rows rows, long number)
    {
        var gradients = new float[model.Plan.Values];
        var loss = model.Loss(model.Initial.Values.AsSpan(), new(rows.Features, rows.Labels) { Number = number }, gradients, new());
        return [.. BitConverter.GetBytes(loss), .. gradients.SelectMany(BitConverter.GetBytes)];
    }

    private static float[] Answer(TorchModel model, Weights weights, Rows rows)
    {
        var outputs = new float[rows.Labels.Length * 4];
        model.Infer(weights, weights.Values.AsSpan(), rows.Sample, outputs, new());
        return outputs;
    }
}
