using StreamLearn.Learning;
using StreamLearn.Testing;

namespace StreamLearn.Tables.Tests;

/// <summary>Alerts that are joined to episodes.</summary>
public sealed class AnomalyEpisodesTests(ITestOutputHelper log)
{
    private const int Hour = 3600;

    private static readonly int Hours = LongForm.IsAsked ? 100 : 20;

    public static TheoryData<string> Rules => ["t2", "ewma", "window", "centers"];

    [Theory]
    [InlineData(1, "....x....", "....B.E..")]
    [InlineData(2, "x..x.x...", ".....B.E.")]     // two quiet rows part the first two
    [InlineData(2, "xx.xx..xx", ".B....E.B")]
    [InlineData(3, "x.x.x....", "....B.E..")]
    [InlineData(3, "x.x..x.x.", ".........")]
    public void An_episode_begins_with_enough_alerts_and_ends_after_quiet_rows(int minAlerts, string alerts, string changes)
    {
        var episodes = new AnomalyEpisodes(minAlerts, quietRows: 2);

        var seen = string.Concat(alerts.Select((a, row) => episodes.Add(row, a == 'x' ? row : 0, a == 'x', a == 'x' ? row : -1) switch
        {
            EpisodeChange.Begun => 'B',
            EpisodeChange.Ended => 'E',
            _ => '.',
        }));

        Assert.Equal(changes, seen);
    }

    [Fact]
    public void An_episode_has_its_first_and_last_alert_and_the_channel_of_its_highest_score()
    {
        var episodes = new AnomalyEpisodes(2, quietRows: 3);
        foreach (var (time, score, channel) in new[] { (10, 5f, 0), (11, 9f, 2), (12, 0f, -1), (13, 7f, 1) })
        {
            episodes.Add(time, score, channel >= 0, channel);
        }

        Assert.True(episodes.IsOpen);
        Assert.Equal(new AnomalyEpisode(10, 13, 9, 2, 3), episodes.Current);
        var alert = AnomalyAlert.Of("pump-7", episodes.Current, ["a", "b", "c"], isOver: false);
        Assert.Equal(("pump-7/1970-01-01T00:00:00.0000000Z", "c", 3), (alert.Id, alert.Channel, alert.Alerts));
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        AnomalyAlert.Json.Encode(alert, bytes);
        Assert.True(AnomalyAlert.Json.TryDecode(new(bytes.WrittenMemory), new(), out var read));
        Assert.Equal(alert, read);
    }

    /// <summary>Rows that come each second, three hours of them learned from; the page has the figures of the long form. Trees are none of
    /// the rules: their scores are bounded, and a rate so low finds nothing.</summary>
    [Theory]
    [MemberData(nameof(Rules))]
    public void Usual_rows_seldom_have_an_episode_and_a_fault_of_30_s_each_hour_always_has(string name)
    {
        var rule = AnomalyWatch.Rules.First(r => r.Name == name).Rule;
        var (usual, faulty) = (Episodes(rule, hasFaults: false), Episodes(rule, hasFaults: true));

        log.WriteLine(FormattableString.Invariant(
            $"{name,-8} episodes an hour: {(double)usual.Count / Hours:0.00} of usual rows; {faulty.Found} of {Hours} faults found"));
        Assert.Equal(Hours, faulty.Found);
        Assert.InRange((double)usual.Count / Hours, 0, 0.2);
    }

    private static (int Count, int Found) Episodes(AnomalyRule rule, bool hasFaults)
    {
        var (random, wander, row) = (new RandomStream(9, "pump"), 0.0, new float[2]);
        var detector = new AnomalyDetector(rule, 2, new() { LearnRows = 3 * Hour, FalseAlarmRate = AnomalyWatch.UsualRate });
        var episodes = new AnomalyEpisodes(AnomalyWatch.UsualAlerts, AnomalyWatch.UsualQuiet);
        var (count, found) = (0, new HashSet<int>());
        for (var t = -3 * Hour; t < Hours * Hour; t++)
        {
            wander = (0.95 * wander) + (0.1 * random.NextGaussian());
            var isFault = hasFaults && t >= 0 && t % Hour is >= 1200 and < 1230;
            (row[0], row[1]) = ((float)(60 + wander), (float)(2 + (0.5 * wander) + (0.2 * random.NextGaussian()) + (isFault ? 3 : 0)));
            var (score, isAlert, channel) = detector.Judge(row);
            if (episodes.Add(t, score, isAlert, channel) != EpisodeChange.Begun) { continue; }
            count++;
            if (isFault) { found.Add(t / Hour); }
        }

        return (count, found.Count);
    }
}
