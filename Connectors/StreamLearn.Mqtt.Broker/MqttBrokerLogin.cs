using System.Collections.Immutable;
using System.Security.Cryptography;

namespace StreamLearn.Mqtt;

/// <summary>A user of an <see cref="MqttBroker"/> and the user's rights. It prints without the password.</summary>
public sealed class MqttBrokerLogin
{
    private readonly byte[] _digest;

    /// <summary>Creates a login.</summary>
    /// <param name="userName">The name.</param>
    /// <param name="password">The password; only a digest is kept.</param>
    public MqttBrokerLogin(string userName, ReadOnlySpan<byte> password)
    {
        ArgumentException.ThrowIfNullOrEmpty(userName);
        UserName = userName;
        _digest = SHA256.HashData(password);
    }

    /// <summary>The name.</summary>
    public string UserName { get; }

    /// <summary>Filters of topics to which the user may publish. Default: none.</summary>
    public ImmutableArray<string> Publish { get; init; } = [];

    /// <summary>Filters of topics that the user may read. It may subscribe to any filter within them. Default: none.</summary>
    public ImmutableArray<string> Subscribe { get; init; } = [];

    /// <summary>True (default): the user may retain messages, within the limits.</summary>
    public bool MayRetain { get; init; } = true;

    /// <inheritdoc />
    public override string ToString() => UserName;

    /// <summary>Compares in constant time.</summary>
    internal bool Has(ReadOnlySpan<byte> password) => CryptographicOperations.FixedTimeEquals(_digest, SHA256.HashData(password));

    internal bool MayPublish(string topic) => TopicRights.AnyCovers(Publish, topic);

    internal bool MaySubscribe(string filter) => TopicRights.AnyCovers(Subscribe, filter);
}
