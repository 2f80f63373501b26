namespace StreamLearn.Simulation;

/// <summary>A direct link between two devices, created by <see cref="VirtualWorld.Link"/>. Each direction has its own queue.</summary>
public sealed class VirtualLink
{
    private readonly WorldLinks _links;
    private readonly LinkDirection _up;
    private readonly LinkDirection _down;
    private LinkDirection[]? _media;

    internal VirtualLink(WorldLinks links, string from, string to, LinkProfile profile, long seed)
    {
        (_links, From, To, Profile) = (links, from, to, profile);
        _up = new(profile, profile.UpBitsPerSecond, new(seed, "link-pair", $"{from}→{to}"));
        _down = new(profile, profile.DownBitsPerSecond, new(seed, "link-pair", $"{to}→{from}"));
    }

    /// <summary>The lower device.</summary>
    public string From { get; }

    /// <summary>The upper device.</summary>
    public string To { get; }

    /// <summary>The link's rates, delay and outages.</summary>
    public LinkProfile Profile { get; }

    /// <summary>Traffic from <see cref="From"/> to <see cref="To"/>.</summary>
    public LinkUse Up => _up.Use;

    /// <summary>Traffic from <see cref="To"/> to <see cref="From"/>.</summary>
    public LinkUse Down => _down.Use;

    internal (TimeSpan Sent, TimeSpan Arrives) Send(VirtualDevice sender, VirtualDevice receiver, TimeSpan now, int bytes)
    {
        var direction = sender.Name == From ? _up : _down;
        _media ??= _links.MediaOf(From, To);
        var before = direction.Use;
        var (starts, sent, arrives) = direction.Send(now, bytes, _media);
        var use = direction.Use.Since(before);
        sender.CountSent(use, starts, sent);
        receiver.CountReceived(use);
        return (sent, arrives);
    }

    internal void State(ref StateStream s)
    {
        if (s.Value(From) is var from && s.Value(To) is var to && (from, to) != (From, To))
        {
            throw new StateException($"expected a link from '{From}' to '{To}', got one from '{from}' to '{to}'");
        }

        _up.State(ref s);
        _down.State(ref s);
    }
}
