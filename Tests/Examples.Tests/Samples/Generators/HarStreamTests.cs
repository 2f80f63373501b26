namespace Examples.Tests;

public sealed class HarStreamTests
{
    [Fact]
    public void HarStream_gives_the_same_bits_for_the_same_seed_and_user_and_others_for_others()
    {
        var first = Hash(new() { User = 3, Seed = 9 });
        Assert.Equal(first, Hash(new() { User = 3, Seed = 9 }));
        Assert.NotEqual(first, Hash(new() { User = 4, Seed = 9 }));
        Assert.NotEqual(first, Hash(new() { User = 3, Seed = 10 }));
    }

    [Fact]
    public void HarStream_wearers_differ_by_more_than_their_bouts_do()
    {
        var postures = Enumerable.Range(0, 8).Select(user => Play(new() { User = user, Duration = TimeSpan.FromMinutes(30) })
            .SelectMany(b => b["acc z"].Values<float>().ToArray().Zip(b["label"].Values<int>().ToArray()))
            .Where(row => row.Second == 5).Average(row => row.First)).ToList();
        // Offsets of wearers deviate by 0.06 g; the mean of some 19 bouts of one wearer only by 0.05 / √19 = 0.011 g.
        Assert.InRange(Math.Sqrt(postures.Average(p => Math.Pow(p - postures.Average(), 2))), 0.03, 0.12);
    }

    [Fact]
    public void HarStream_takes_the_seed_of_the_run_when_it_has_none_of_its_own() => Assert.Equal(Hash(new() { Seed = 1 }), Hash(new()));

    [Fact]
    public void HarStream_rows_do_not_depend_on_the_size_of_batches()
    {
        var rows = new[] { 1, 17, 50, 64, 4000 }.Select(size =>
        {
            var values = new List<float>();
            foreach (var batch in Play(new() { BatchRows = size, Duration = TimeSpan.FromSeconds(70) }))
            {
                for (var row = 0; row < batch.Rows; row++)
                {
                    for (var c = 0; c < 6; c++) { values.Add(batch.Channels[c].Values<float>()[row]); }
                    values.Add(batch["label"].Values<int>()[row]);
                    values.Add(batch["time"].Values<long>()[row] - 1735689600_000_000_000L);
                }
            }
            return values;
        }).ToList();
        Assert.All(rows, r => Assert.True(r.SequenceEqual(rows[0])));
        Assert.Equal(3500 * 8, rows[0].Count);
    }

    [Fact]
    public void HarStream_ends_after_its_duration_at_fifty_rows_a_second()
    {
        using var probe = new SourceProbe<Batch>(p => p.FromHarStream(new() { Duration = TimeSpan.FromSeconds(2.5), SpeedUp = 2 }));
        var due = new List<double>();
        var rows = new List<int>();
        while (probe.NextAt is { } next)
        {
            due.Add((next - OperatorProbe.Start).TotalSeconds);
            using var batch = probe.Next();
            rows.Add(batch.Rows);
        }
        Assert.Equal([0.5, 1, 1.25], due);
        Assert.Equal([50, 50, 25], rows);
    }

    [Fact]
    public void HarStream_at_full_speed_is_always_due_and_may_have_no_end()
    {
        var options = new HarStreamOptions { Duration = TimeSpan.MaxValue, SpeedUp = double.PositiveInfinity };
        using var probe = new SourceProbe<Batch>(p => p.FromHarStream(options));
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal(OperatorProbe.Start, probe.NextAt);
            using var batch = probe.Next();
            Assert.Equal(1735689600_000_000_000L + (i * 1_000_000_000L), batch["time"].Values<long>()[0]);
        }
    }

    [Fact]
    public void HarStream_goes_through_all_activities_in_bouts_of_the_given_lengths()
    {
        var labels = Play(new() { Duration = TimeSpan.FromMinutes(60) }).SelectMany(b => b["label"].Values<int>().ToArray()).ToList();
        var bouts = new List<(int Label, int Rows)>();
        foreach (var label in labels)
        {
            if (bouts.Count == 0 || bouts[^1].Label != label) { bouts.Add((label, 0)); }
            bouts[^1] = (label, bouts[^1].Rows + 1);
        }
        Assert.All(bouts.SkipLast(1), b => Assert.InRange(b.Rows, 400, 1200));
        Assert.Equal(6, bouts.Select(b => b.Label).Distinct().Count());
        Assert.InRange(bouts.Min(b => b.Rows), 1, 500);
        Assert.InRange(bouts.Max(b => b.Rows), 1100, 1200);
    }

    [Fact]
    public void HarStream_activities_can_be_told_apart_by_a_linear_model_across_wearers_but_not_perfectly()
    {
        var known = Enumerable.Range(0, 20).SelectMany(user => Windows(new() { User = user })).ToList();
        var unseen = Enumerable.Range(100, 20).SelectMany(user => Windows(new() { User = user })).ToList();
        var fit = new SoftmaxFit(known, 6, steps: 300);
        Assert.InRange(fit.Accuracy(unseen), 0.85, 0.95);
    }

    [Fact]
    public void HarStream_drift_makes_a_model_of_the_old_concept_useless()
    {
        var drift = new HarStreamOptions { Drift = ConceptDrift.Abrupt, DriftAt = TimeSpan.Zero };
        var known = Enumerable.Range(0, 10).SelectMany(user => Windows(new() { User = user })).ToList();
        var turned = Enumerable.Range(0, 10).SelectMany(user => Windows(drift with { User = user })).ToList();
        Assert.InRange(new SoftmaxFit(known, 6, steps: 200).Accuracy(turned), 0, 0.5);
        Assert.InRange(new SoftmaxFit(turned, 6, steps: 200).Accuracy(turned), 0.85, 1);
    }

    [Fact]
    public void HarStream_changes_its_concept_when_it_is_told_to()
    {
        var options = new HarStreamOptions
        {
            Duration = TimeSpan.FromMinutes(50),
            DriftAt = TimeSpan.FromMinutes(20),
            DriftTime = TimeSpan.FromMinutes(10),
        };
        Assert.Equal([0, 0, 0, 0, 0], Shares(options));
        Assert.Equal([0, 0, 1, 1, 1], Shares(options with { Drift = ConceptDrift.Abrupt }));
        Assert.Equal([0, 0, 1, 0, 1], Shares(options with { Drift = ConceptDrift.Recurring }));
        var gradual = Shares(options with { Drift = ConceptDrift.Gradual });
        Assert.Equal([0, 0, 1, 1], [gradual[0], gradual[1], gradual[3], gradual[4]]);
        Assert.InRange(gradual[2], 0.2, 0.8);
    }

    [Fact]
    public void HarStream_noise_is_standard_normal()
    {
        var table = NormalQuantiles.Table(1024);
        Assert.Equal(0, table.Average(v => (double)v), 1e-6);
        Assert.Equal(1, table.Average(v => (double)v * v), 1e-6);
        Assert.Equal(1.959963985, NormalQuantiles.Inverse(0.975), 1e-8);            // published quantiles
        Assert.Equal(-2.326347874, NormalQuantiles.Inverse(0.01), 1e-8);
    }

    [Fact]
    public void HarStream_is_finite_and_of_the_size_of_real_signals()
    {
        foreach (var batch in Play(new() { Duration = TimeSpan.FromMinutes(20) }))
        {
            for (var c = 0; c < 6; c++)
            {
                foreach (var value in batch.Channels[c].Values<float>()) { Assert.InRange(value, -6f, 6f); }
            }
        }
    }

    [Fact]
    public void HarStream_allocates_the_handles_of_its_batches_alone_in_steady_state()
    {
        using var probe = new SourceProbe<Batch>(p => p.FromHarStream(new() { Duration = TimeSpan.FromHours(1) }), guard: false);
        for (var i = 0; i < 500; i++) { probe.Next().Dispose(); }
        Assert.Equal(0, Allocations.Least(probe.Pool, () =>
        {
            for (var i = 0; i < 150; i++) { probe.Next().Dispose(); }
        }));
    }

    [Fact]
    public void HarStream_refuses_options_out_of_range_at_wiring()
    {
        HarStreamOptions[] wrong =
        [
            new() { BatchRows = 0 }, new() { BatchRows = 65537 }, new() { Duration = TimeSpan.Zero }, new() { MinBout = TimeSpan.Zero },
            new() { MaxBout = TimeSpan.FromSeconds(1) }, new() { DriftTime = TimeSpan.Zero },
            new() { SpeedUp = 0 }, new() { SpeedUp = double.NaN },
            new() { Drift = (ConceptDrift)9 },
        ];
        Assert.All(wrong,
            options => Assert.Throws<ArgumentOutOfRangeException>(() => new SourceProbe<Batch>(p => p.FromHarStream(options))));
    }

    private static IEnumerable<Batch> Play(HarStreamOptions options)
    {
        using var probe = new SourceProbe<Batch>(p => p.FromHarStream(options));
        while (probe.NextAt is not null)
        {
            using var batch = probe.Next();
            yield return batch;
        }
    }

    private static ulong Hash(HarStreamOptions options) => Play(options).Aggregate(0UL, (hash, batch) => Batches.Hash(batch, hash));

    /// <summary>Mean and deviation of the six channels of each window of 128 rows, hop 64, of one activity.</summary>
    private static List<(double[] Features, int Label)> Windows(HarStreamOptions options)
    {
        var channels = Enumerable.Range(0, 6).Select(_ => new List<float>()).ToArray();
        var labels = new List<int>();
        foreach (var batch in Play(options))
        {
            for (var c = 0; c < 6; c++) { channels[c].AddRange(batch.Channels[c].Values<float>()); }
            labels.AddRange(batch["label"].Values<int>());
        }
        var windows = new List<(double[], int)>();
        for (var start = 0; start + 128 <= labels.Count; start += 64)
        {
            if (labels.GetRange(start, 128).Distinct().Count() > 1) { continue; }
            windows.Add(([.. channels.SelectMany(c => Describe(c.GetRange(start, 128)))], labels[start]));
        }
        return windows;
    }

    private static double[] Describe(List<float> values)
    {
        var mean = values.Average(v => (double)v);
        return [mean, Math.Sqrt(values.Average(v => (v - mean) * (v - mean)))];
    }

    /// <summary>The share of upright rows with gravity along y, that is with turned axes, in each tenth minute but the bout that reaches
    /// over from before.</summary>
    private static double[] Shares(HarStreamOptions options)
    {
        var counts = new (int Turned, int All)[5];
        var row = 0;
        foreach (var batch in Play(options))
        {
            for (var i = 0; i < batch.Rows; i++, row++)
            {
                var second = row / 50.0;
                if (batch["label"].Values<int>()[i] < 3 || batch["label"].Values<int>()[i] == 5 || second % 600 < 24) { continue; }
                ref var count = ref counts[(int)(second / 600)];
                count.All++;
                if (batch["acc y"].Values<float>()[i] > batch["acc x"].Values<float>()[i]) { count.Turned++; }
            }
        }
        return [.. counts.Select(c => (double)c.Turned / c.All)];
    }
}
