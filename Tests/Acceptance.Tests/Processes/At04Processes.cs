using FleetProcess;
using StreamLearn.Learning;

namespace Acceptance.Tests;

/// <summary>Sections 4.3 and 4.5 over real servers, by processes that are really killed.</summary>
public sealed class At04Processes
{
    private const int Rounds = 3;
    private const int Batches = 6;          // of a round
    private const string Device = "device-0";
    private const string Join = "sl/split/edge-a/down/batch";

    private static readonly Lazy<float[]> Whole = new(ByHand);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_network_split_between_two_processes_trains_to_the_bits_of_the_whole_one(bool overNats)
    {
        await using var fleet = await SplitProcesses.StartAsync(overNats, "edge-a");
        fleet.Start(Device);

        Assert.Equal(Whole.Value, await fleet.VersionAsync(Rounds));
        EachBatchOnce(fleet);
    }

    /// <summary>One machine that trains the whole network. A round's version is what the device began with and what it changed by, each
    /// rounded once: with one device the mean of the changes is its own.</summary>
    private static float[] ByHand()
    {
        float[] version = [.. SplitTopics.Network.Initial.Values];
        for (var round = 0; round < Rounds; round++)
        {
            var weights = SplitFleet.OneRound(SplitTopics.Network, SplitTopics.Training(Batches), version, device: 0, round);
            for (var i = 0; i < version.Length; i++) { version[i] += weights[i] - version[i]; }
        }

        return version;
    }

    /// <summary>Each batch took effect once: it has one answer, which is the same if it was given again, and no round was given up.</summary>
    private static void EachBatchOnce(SplitProcesses fleet)
    {
        Assert.DoesNotContain(fleet.Answers, static a => a.Voids);
        var answered = fleet.Answers.Where(static a => a is { Begins: null, Sequence: > 0 }).GroupBy(static a => a.Sequence).ToArray();
        Assert.Equal(Rounds * Batches, answered.Length);
        Assert.All(answered.SelectMany(static same => same.Select(a => (First: same.First(), Again: a))), static pair =>
        {
            Assert.Equal(pair.First.Loss, pair.Again.Loss);
            Assert.Equal(pair.First.Values, pair.Again.Values);
        });
    }
}
