namespace StreamLearn.Nats.Tests;

/// <summary>What every transport promises, over nats-server.</summary>
public sealed class TransportContractTests : IAsyncLifetime
{
    private RealNats _server = null!;

    public static TheoryData<bool, string> Rules
    {
        get
        {
            var rules = new TheoryData<bool, string>();
            foreach (var rule in TransportContract.Rules)
            {
                rules.Add(true, rule);
                if (rule is not ("order" or "retained")) { rules.Add(false, rule); }    // without JetStream, readers that are slow lose
            }
            return rules;
        }
    }

    public async ValueTask InitializeAsync() => _server = await RealNats.StartAsync(new() { JetStream = true });
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Rules))]
    public Task The_transport_keeps_the_contract(bool isKept, string rule)
    {
        NatsOptions options = new() { Servers = [_server.Uri] };
        return TransportContract.CheckAsync(
            rule, new NatsTransport(isKept ? options with { Keep = new() { Topics = ["contract/#", "sl/#"] } } : options));
    }
}
