using System.Collections.Immutable;

namespace StreamLearn.Simulation;

/// <content>Links between pairs of devices, and shared media.</content>
public sealed partial class VirtualWorld
{
    /// <summary>Direct links, in creation order.</summary>
    public IReadOnlyList<VirtualLink> Links => Network.Pairs;

    /// <summary>Shared media, in creation order.</summary>
    public IReadOnlyList<VirtualMedium> Media => Network.Media;

    internal WorldLinks Network { get; } = new();

    /// <summary>Links two devices directly: messages between them use this link instead of their own.</summary>
    /// <remarks>Devices are named and may be added later or again. Both devices count the bytes and the time of a transfer. Retained
    /// messages, and messages that also have other receivers, are sent over the sender's own link too; receivers of retained messages get
    /// them over their own links. If the sender disconnects, messages in transit are lost.</remarks>
    /// <param name="from">The lower device.</param>
    /// <param name="to">The upper device.</param>
    /// <param name="link">Rates, delay and outages.</param>
    /// <exception cref="ArgumentException">The devices are the same or already linked.</exception>
    /// <exception cref="InvalidOperationException">The world has run.</exception>
    public VirtualLink Link(string from, string to, LinkProfile link)
    {
        ArgumentException.ThrowIfNullOrEmpty(from);
        ArgumentException.ThrowIfNullOrEmpty(to);
        ArgumentNullException.ThrowIfNull(link);
        if (from == to) { throw new ArgumentException($"expected two devices, got '{from}' twice", nameof(to)); }
        RequireUnused("links");
        var made = new VirtualLink(Network, from, to, link.Checked(), Seed);
        Network.Add(made);
        return made;
    }

    /// <summary>Makes devices share a medium, such as a radio channel, on which all their transfers also queue.</summary>
    /// <remarks>A transfer uses the medium and its link, and has left when both have carried it. The device counts the longer time, and the
    /// delay of the medium is added. Between linked devices that share a medium, a transfer uses the medium once, otherwise once to the
    /// server and once from it.</remarks>
    /// <param name="medium">The name.</param>
    /// <param name="link">The rate, equal in both directions, the delay and the outages.</param>
    /// <param name="devices">The devices' names, at least one; they may be added later or again.</param>
    /// <exception cref="ArgumentException">The name is already used, a device is missing or repeated, or the rates differ.</exception>
    /// <exception cref="InvalidOperationException">The world has run.</exception>
    public VirtualMedium Share(string medium, LinkProfile link, params ReadOnlySpan<string> devices)
    {
        ArgumentException.ThrowIfNullOrEmpty(medium);
        ArgumentNullException.ThrowIfNull(link);
        ImmutableArray<string> names = [.. devices];
        if (names.IsEmpty || names.Any(string.IsNullOrEmpty) || names.Distinct(StringComparer.Ordinal).Count() < names.Length)
        {
            throw new ArgumentException($"expected different devices, got [{string.Join(", ", names)}]", nameof(devices));
        }

        if (link.UpBitsPerSecond != link.DownBitsPerSecond)
        {
            throw new ArgumentException(
                $"a medium has one rate: expected {link.UpBitsPerSecond} bit/s down, got {link.DownBitsPerSecond}", nameof(link));
        }

        RequireUnused("media");
        var made = new VirtualMedium(medium, link.Checked(), names, Seed);
        Network.Add(made);
        return made;
    }

    private void RequireUnused(string what)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Events > 0 || Elapsed > TimeSpan.Zero) { throw new InvalidOperationException($"add {what} before the world runs"); }
    }
}
