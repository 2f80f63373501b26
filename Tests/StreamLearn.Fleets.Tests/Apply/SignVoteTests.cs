namespace StreamLearn.Fleets.Tests;

/// <summary>A vote of signs, and devices that send signs alone.</summary>
public sealed class SignVoteTests
{
    private const float Rate = 0.25f;

    [Fact]
    public void Each_value_moves_by_the_rate_to_the_side_of_more_votes()
    {
        using var probe = Updates.Probe(Voting(3), new() { MaxNorm = 1000 });
        float[][] values = [[100, 1, 0, 3], [-1, -1, 0, 0], [-1, 0, 0, 0]];
        foreach (var (i, some) in values.Index())
        {
            probe.Send(Updates.Of($"device-{i}", 1, 0, samples: i == 0 ? 100 : 1) with { Values = [0, 0, .. some] });
        }
        Assert.Equal([-Rate, 0, 0, Rate], Updates.Moved(probe.Take<Weights>()), static (a, b) => MathF.Abs(a - b) < 1e-6f);
    }

    [Fact]
    public void A_round_begins_without_the_votes_of_the_one_before()
    {
        using var probe = Updates.Probe(Voting(1));
        probe.Send(Updates.Of("a", 1, 1));
        var first = Updates.Moved(probe.Take<Weights>());
        probe.Send(Updates.Of("a", 2, -1, baseVersion: 1));
        Assert.All(first, static moved => Assert.Equal(Rate, moved, 1e-6f));
        Assert.All(Updates.Moved(probe.Take<Weights>()), static moved => Assert.Equal(0, moved, 1e-6f));
    }

    /// <summary>signSGD: what devices find is drawn, most of them are right, and the way to go is 4 for all.</summary>
    [Fact]
    public void Signs_alone_lead_where_the_devices_agree()
    {
        const int Devices = 9, Rounds = 40, Length = 50;
        var model = new LinearModel(Length, new SquaredError(), bias: false);
        var random = new RandomStream(1, "found");
        List<OperatorProbe> senders = [.. Enumerable.Range(0, Devices).Select(_ => OperatorProbe.From<WeightDelta>((p, updates) =>
            updates.CodeUpdates(model, new() { Code = TensorCode.Sign(), Feedback = false }).Output("main")))];
        using var server = OperatorProbe.From<WeightDelta>((p, updates) => OperatorProbe.Use(updates.Aggregate(model, Voting(Devices))));
        var newest = model.Initial;
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (d, sender) in senders.Index())
            {
                float[] found = [.. newest.Values.Select(w => 4 - w + (2 * (float)random.NextGaussian()))];
                sender.Send(SiteMessages.Update(model, $"d{d}", round + 1, found) with { BaseVersion = newest.Version });
                server.Send(sender.Take<WeightDelta>());
            }
            newest = server.Take<Weights>();
        }

        Assert.All(newest.Values, static w => Assert.Equal(4, w, 4 * Rate));        // each step is a rate, to the wrong side at times
        foreach (var sender in senders) { sender.Dispose(); }
    }

    private static Rules Voting(int devices) => new FedAvg(devices).Rounds with { Apply = Apply.SignVote(Rate) };
}
