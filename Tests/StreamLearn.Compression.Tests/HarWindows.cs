using StreamLearn.Operators;
using StreamLearn.Samples;
using StreamLearn.Simulation;

namespace StreamLearn.Compression.Tests;

/// <summary>Windows of generated people.</summary>
internal static class HarWindows
{
    internal static RecordedRows Known { get; } = Of(first: 0, people: 16);
    internal static RecordedRows Unseen { get; } = Of(first: 100, people: 20);

    internal static Schema Columns { get; } =
        new([.. Enumerable.Range(0, HarNetwork.Channels).Select(static c => Field.Channel($"c{c}", Unit.One)), Field.Label()]);

    /// <summary>Mean and deviation of the channels that are known.</summary>
    internal static ChannelMoments Scale { get; } = Moments(Known);

    /// <summary>Share of the unseen windows that a model answers right.</summary>
    internal static double Accuracy(IModel model, Weights weights)
    {
        var (outputs, right) = (new float[Unseen.Count * HarNetwork.Classes], 0);
        model.Infer(weights, weights.Values.AsSpan(), new(Unseen.Features.Span, Unseen.Count), outputs, new());
        for (var r = 0; r < Unseen.Count; r++)
        {
            right += ModelPlan.ClassOf(outputs.AsSpan(r * HarNetwork.Classes, HarNetwork.Classes)) == Unseen.Labels.Span[r] ? 1 : 0;
        }
        return (double)right / Unseen.Count;
    }

    private static RecordedRows Of(int first, int people)
    {
        var collector = new RowCollector(HarNetwork.Samples);
        using var world = new VirtualWorld();
        for (var person = first; person < first + people; person++)
        {
            world.Add(Pipeline.Define($"person-{person}", p => p
                .FromHarStream(new() { User = person, Seed = 1, SpeedUp = double.PositiveInfinity })
                .Window(HarNetwork.Samples, HarNetwork.Samples / 2).ForEach("collect", collector.Add)));
        }
        world.RunToEnd();
        return collector.ToRows();
    }

    private static ChannelMoments Moments(RecordedRows rows)
    {
        var (mean, squares) = (new double[HarNetwork.Channels], new double[HarNetwork.Channels]);
        var count = rows.Count * HarNetwork.Samples;
        for (var i = 0; i < rows.Features.Length; i++)
        {
            var (channel, value) = (i / HarNetwork.Samples % HarNetwork.Channels, rows.Features.Span[i]);
            (mean[channel], squares[channel]) = (mean[channel] + (value / count), squares[channel] + (value * value));
        }
        return new(count, [.. mean], [.. squares.Zip(mean, (square, m) => square - (count * m * m))]);
    }
}

/// <summary>The windows that are known, so many times over, each time in another order that the run's seed gives.</summary>
internal sealed class ShuffledWindows(int epochs, OperatorContext context) : Source<Batch>
{
    private readonly int[] _order = [.. Enumerable.Range(0, HarWindows.Known.Count)];
    private readonly DateTimeOffset _start = context.Now;
    private readonly RandomStream _random = context.Random;
    private int _made;
    public override DateTimeOffset? NextAt => _made < epochs * _order.Length ? _start + TimeSpan.FromMilliseconds(_made) : null;

    public override Batch Next()
    {
        var at = _made++ % _order.Length;
        var other = at + _random.NextInt32(_order.Length - at);
        (_order[at], _order[other]) = (_order[other], _order[at]);
        var window = HarWindows.Known.Features.Span[(_order[at] * HarNetwork.Channels * HarNetwork.Samples)..];
        var batch = context.Pool.Rent(HarWindows.Columns, HarNetwork.Samples);
        for (var c = 0; c < HarNetwork.Channels; c++)
        {
            window.Slice(c * HarNetwork.Samples, HarNetwork.Samples).CopyTo(batch.Channels[c].Writable<float>());
        }

        batch["label"].Writable<int>().Fill(HarWindows.Known.Labels.Span[_order[at]]);
        return batch;
    }
}
