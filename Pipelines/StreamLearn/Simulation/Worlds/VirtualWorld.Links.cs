using System.Collections.Immutable;

namespace StreamLearn.Simulation;

/// <content>Links between pairs of devices, and shared media.</content>
public sealed partial class VirtualWorld
{
    /// <summary>The links between pairs of devices, in the order in which they were made.</summary>
    public IReadOnlyList<VirtualLink> Links => Network.Pairs;

    /// <summary>The shared media, in the order in which they were made.</summary>
    public IReadOnlyList<VirtualMedium> Media => Network.Media;

    internal WorldLinks Network { get; } = new();

    /// <summary>Links two devices: what one publishes and the other receives travels over this link, up or down, instead of the devices'
    /// own links.</summary>
    /// <remarks>
    /// Devices are named, and may be added later, or again. Both count the bytes and the time of the transfer. A message that somebody
    /// else receives too, or that is kept for later subscribers, goes over the own link of its sender besides. Those for whom it was kept
    /// get it over theirs. A message that is on its way over the link is lost if its sender loses its connection.
    /// </remarks>
    /// <param name="from">The device from which the link goes up.</param>
    /// <param name="to">The device to which it goes up.</param>
    /// <param name="link">Its rates, delay and outages.</param>
    /// <exception cref="ArgumentException">The two are the same, or there is a link between them.</exception>
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

    /// <summary>Lets devices share a medium, such as a radio channel: all their transfers, in both directions, queue on it
    /// besides.</summary>
    /// <remarks>
    /// A transfer takes its turn on the medium and on its link, and has left when both have carried it. Its device counts the longer of
    /// the two times, and the medium's delay is added. Between two devices of one medium that are linked it takes one turn, otherwise one
    /// to the server and one from it.
    /// </remarks>
    /// <param name="medium">Its name.</param>
    /// <param name="link">Its rate, the same up and down, delay and outages.</param>
    /// <param name="devices">The names of the devices, at least one; they may be added later, or again.</param>
    /// <exception cref="ArgumentException">The name is taken, there is no device, or one is named twice; or the rates differ.</exception>
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
        if (Events > 0 || Elapsed > TimeSpan.Zero) { throw new InvalidOperationException($"{what} are made before the world runs"); }
    }
}
