using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Samples;
using StreamLearn.Simulation;
using TauDemo;

namespace Partition;

/// <summary>The windows of people: those that devices learn from, and those by which the model is judged.</summary>
internal sealed record FleetRows(string Text, ImmutableArray<RecordedRows> Learners, RecordedRows Judges, double Target)
{
    private const double RecordedTarget = .9;
    private const double GeneratedTarget = .82;    // generated people end at .87

    /// <summary>The 30 recorded people of a folder; null: as many generated ones.</summary>
    /// <exception cref="HarFormatException">The recordings cannot be read.</exception>
    internal static FleetRows Of(string? folder, long seed)
    {
        var people = folder is null ? MotionPeople.Generated(seed) : MotionPeople.Recorded(folder);
        return new(people.Text, [.. people.Learners.Select(person => Collect(people, person))], people.JudgedBy,
            folder is null ? GeneratedTarget : RecordedTarget);
    }

    /// <summary>The moments of the channels over all devices: each computes its own, and they are merged.</summary>
    internal ChannelMoments Scale()
    {
        ChannelMoments? all = null;
        foreach (var rows in Learners) { all = ChannelMoments.Merge(all, Moments(rows.Features.Span)); }
        return all!;
    }

    private static RecordedRows Collect(MotionPeople people, int person)
    {
        var collected = new RowCollector(HarNetwork.Samples);
        using var world = new VirtualWorld();
        world.Add(Pipeline.Define(MotionPeople.NameOf(person),
            p => people.Windows(people.Measure(p, person)).ForEach("collect", collected.Add)));
        world.RunToEnd();
        return collected.ToRows();
    }

    /// <summary>Two passes over windows, channel after channel: mean, then squares of what is left.</summary>
    private static ChannelMoments Moments(ReadOnlySpan<float> windows)
    {
        var (mean, squares) = (new double[HarNetwork.Channels], new double[HarNetwork.Channels]);
        var count = windows.Length / HarNetwork.Channels;
        for (var i = 0; i < windows.Length; i++) { mean[i / HarNetwork.Samples % HarNetwork.Channels] += (double)windows[i] / count; }
        for (var i = 0; i < windows.Length; i++)
        {
            var channel = i / HarNetwork.Samples % HarNetwork.Channels;
            squares[channel] += (windows[i] - mean[channel]) * (windows[i] - mean[channel]);
        }

        return new(count, [.. mean], [.. squares]);
    }
}
