namespace StreamLearn.Fleets.Tests;

public sealed class FedAvgTests
{
    [Fact]
    public void With_equal_samples_the_version_is_the_mean()
    {
        using var probe = Updates.Probe(new FedAvg(3));
        probe.Send(Updates.Of("a", 1, 1), Updates.Of("b", 1, 2));
        Assert.Equal(0, probe.Count());
        probe.Send(Updates.Of("c", 1, 6));
        Assert.All(Updates.Moved(probe.Take<Weights>()), moved => Assert.Equal(3, moved, 1e-6f));
    }

    [Fact]
    public void Samples_are_weights_and_the_rate_is_applied_to_the_mean()
    {
        using var probe = Updates.Probe(new FedAvg(2, LearningRate: 0.5f));
        probe.Send(Updates.Of("a", 1, 1, samples: 30), Updates.Of("b", 1, 9, samples: 10));
        Assert.All(Updates.Moved(probe.Take<Weights>()), moved => Assert.Equal(1.5f, moved, 1e-6f));
    }

    // AT-1b
    [Fact]
    public void With_one_step_over_all_rows_it_equals_centralized_gradient_descent()
    {
        const int Devices = 5, Features = 6, Classes = 4, Rounds = 50;
        const float Rate = 0.5f;
        var model = new SoftmaxRegression(Features, Classes, seed: 2);
        var random = new RandomStream(3, "at-1b");
        var rows = Enumerable.Range(0, Devices).Select(d => Rows(random, Features, Classes, 10 + (7 * d), d)).ToArray();
        var memory = new Workspace();
        var gradients = new float[model.Plan.Values];
        using var probe = OperatorProbe.Of<WeightDelta, Weights, Round>(flow => flow.Aggregate(model, new FedAvg(Devices)));

        var version = model.Initial;
        for (var round = 0; round < Rounds; round++)
        {
            for (var d = 0; d < Devices; d++)
            {
                model.Loss(version.Values.AsSpan(), new(rows[d].Features, rows[d].Labels), gradients, memory);
                probe.Send(Updates.Of($"device-{d}", round + 1, 0, version.Version, rows[d].Labels.Length) with
                {
                    SchemaHash = model.Plan.SchemaHash,
                    Values = [.. gradients.Select((g, i) => i < 2 * Features ? 0 : -Rate * g)],
                });
            }
            version = probe.Take<Weights>();
        }

        float[] central = [.. model.Initial.Values];
        float[] features = [.. rows.SelectMany(r => r.Features)];
        int[] labels = [.. rows.SelectMany(r => r.Labels)];
        for (var round = 0; round < Rounds; round++)
        {
            model.Loss(central, new(features, labels), gradients, memory);
            for (var i = 2 * Features; i < central.Length; i++) { central[i] -= Rate * gradients[i]; }
        }

        var distance = Math.Sqrt(central.Zip(version.Values, (a, b) => Math.Pow(a - (double)b, 2)).Sum());
        Assert.Equal(Rounds, version.Version);
        Assert.InRange(distance / Math.Sqrt(central.Sum(c => (double)c * c)), 0, 1e-5);
        var first = Evaluation.Of(model, model.Initial, new(features, labels));
        var last = Evaluation.Of(model, version, new(features, labels));
        Assert.True(last.Loss < 0.9 * first.Loss);
    }

    [Fact]
    public void The_order_of_arrival_does_not_change_a_bit()
    {
        var random = new RandomStream(9, "order");
        WeightDelta Any(int device, int round) => Updates.Of($"device-{device}", round, 0, round - 1, 1 + random.NextInt32(50)) with
        {
            Values = [0, 0, .. Enumerable.Range(0, 4).Select(_ => (float)random.NextGaussian())],
            Moments = new(1 + random.NextInt32(9), [random.NextGaussian()], [random.NextDouble()]),
        };
        var rounds = Enumerable.Range(1, 4).Select(r => Enumerable.Range(0, 12).Select(d => Any(d, r)).ToArray()).ToArray();
        string Run(Func<WeightDelta[], IEnumerable<WeightDelta>> order)
        {
            using var probe = Updates.Probe(new FedAvg(12));
            foreach (var update in rounds.SelectMany(order)) { probe.Send(update); }
            var all = probe.TakeAll<Weights>().Concat(probe.TakeAll<Round>(port: 1).Select(r => r.Averaged));
            return string.Join(' ', all.Select(w => w.Sha256()));
        }

        var straight = Run(r => r);

        Assert.Equal(8, straight.Split(' ').Distinct().Count() + 1);        // the first version is the first in use
        Assert.Equal(straight, Run(r => r.Reverse()));
        Assert.Equal(straight, Run(r => r.OrderBy(u => u.Samples)));
    }

    [Fact]
    public void A_device_that_leaves_is_no_longer_waited_for()
    {
        using var probe = Updates.Probe(new FedAvg(3).Rounds with { WholeFrom = 0 });
        probe.Send(Updates.Of("a", 1, 1), Updates.Of("b", 1, 1), Updates.Of("c", 1, 1));
        Assert.Equal(1, probe.Count());
        probe.Send(Updates.Of("a", 2, 1, baseVersion: 1), Updates.Of("b", 2, 1, baseVersion: 1));
        Assert.Equal(1, probe.Count());
        probe.Send(Updates.Of("c", 2, 0, baseVersion: 1, samples: 0, leaving: true));
        Assert.Equal(2, probe.Count());
        probe.Send(Updates.Of("a", 3, 1, baseVersion: 2, leaving: true));       // its last steps count in the round it leaves in
        Assert.Equal(2, probe.Count());
        probe.Send(Updates.Of("b", 3, 3, baseVersion: 2));
        Assert.Equal(3, probe.Count());
        Assert.All(Updates.Moved(probe.TakeAll<Weights>()[2]), moved => Assert.Equal(4, moved, 1e-6f));
        Assert.Equal(1, probe.Metrics.Gauges["devices-alive"]);
    }

    [Fact]
    public void A_device_that_comes_back_is_waited_for_again()
    {
        using var probe = Updates.Probe(new FedAvg(2));
        probe.Send(Updates.Of("a", 1, 1, leaving: true));
        Assert.Equal(0, probe.Count());
        probe.Send(Updates.Of("a", 1, 1) with { Epoch = 2 });
        probe.Send(Updates.Of("a", 1, 1, leaving: true));       // a late copy of the farewell does not remove it
        Assert.Equal(1, probe.Metrics.Gauges["devices-alive"]);
        probe.Send(Updates.Of("b", 1, 1));
        Assert.Equal(1, probe.Count());
        probe.Send(Updates.Of("b", 2, 1));
        Assert.Equal(1, probe.Count());
        probe.Send(Updates.Of("a", 2, 1) with { Epoch = 2 });
        Assert.Equal(2, probe.Count());
    }

    [Fact]
    public void A_device_whose_update_was_refused_is_not_waited_for()
    {
        using var probe = Updates.Probe(new FedAvg(2));
        probe.Send(Updates.Of("a", 1, float.NaN), Updates.Of("b", 1, 2));
        Assert.All(Updates.Moved(probe.Take<Weights>()), moved => Assert.Equal(2, moved, 1e-6f));
    }

    [Fact]
    public void A_round_in_which_all_were_refused_is_void_and_ends()
    {
        using var probe = Updates.Probe(new FedAvg(2));
        probe.Send(Updates.Of("a", 1, float.NaN), Updates.Of("b", 1, float.NaN));
        var version = probe.Take<Weights>();
        Assert.Equal(1, version.Version);
        Assert.Equal(Updates.Model.Initial.Values, version.Values);
        Assert.Equal((1L, 0L), (probe.Metrics.Counter("void-rounds"), probe.Metrics.Counter("updates-applied")));
    }

    [Fact]
    public void When_all_have_left_nothing_is_due()
    {
        using var probe = Updates.Probe(new FedAvg(1));
        probe.Send(Updates.Of("a", 1, 0, samples: 0, leaving: true));
        probe.Complete();
        Assert.Equal(0, probe.Count());
    }

    [Fact]
    public void The_set_that_is_held_has_a_bound()
    {
        using var probe = Updates.Probe(new FedAvg(2), new() { MaxHeldUpdates = 2 });
        for (var i = 1; i < 5; i++) { probe.Send(Updates.Of("a", i, 1)); }
        Assert.Equal(2, probe.Metrics.Drops["set-full"]);
    }

    private static (float[] Features, int[] Labels) Rows(RandomStream random, int features, int classes, int rows, int device)
    {
        int[] labels = [.. Enumerable.Range(0, rows).Select(r => (r + device) % classes)];
        var drawn = labels.SelectMany(l => Enumerable.Range(0, features).Select(f => (float)(random.NextGaussian() + (f == l ? 1 : 0))));
        return ([.. drawn], labels);
    }
}
