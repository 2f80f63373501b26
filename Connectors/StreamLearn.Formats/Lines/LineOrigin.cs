using System.Collections.Immutable;

namespace StreamLearn.Formats;

/// <summary>An origin of live lines, which is reopened when it ends unless <see cref="LineOptions.EndsWithProgram"/> is set.</summary>
public abstract record LineOrigin
{
    private protected LineOrigin() { }

    /// <summary>The display name, such as <c>python3 read.py</c>.</summary>
    public abstract string Name { get; }

    /// <summary>True if the first line can be incomplete, as with a serial port.</summary>
    public abstract bool BeginsInside { get; }

    /// <summary>The speeds of serial ports that are supported, in bits per second.</summary>
    public static ImmutableArray<int> Speeds => SerialSpeeds.All;

    /// <summary>The standard output of a program.</summary>
    /// <remarks>The program runs in its own process group if <c>setsid</c> exists. When the run ends, the group gets SIGTERM, and SIGKILL a
    /// second later. Its standard input stays open while this process lives. <c>PYTHONUNBUFFERED</c> is set, so Python's rows arrive one by
    /// one.</remarks>
    /// <param name="command">The program and its arguments.</param>
    public static LineOrigin Command(params ImmutableArray<string> command) => new CommandLines(command);

    /// <summary>A serial port or other terminal on Linux: 8 data bits, no parity, no flow control.</summary>
    /// <param name="port">The device, such as <c>/dev/ttyUSB0</c>.</param>
    /// <param name="baud">Speed in bits per second, one of <see cref="Speeds"/>.</param>
    public static LineOrigin Serial(string port, int baud) => new SerialLines(port, baud);

    /// <summary><paramref name="say"/>: receives lines other than rows.</summary>
    internal abstract LineStream Open(Action<string> say);
}

internal sealed record CommandLines(ImmutableArray<string> Words) : LineOrigin
{
    public override string Name => string.Join(' ', Words);

    public override bool BeginsInside => false;

    internal override LineStream Open(Action<string> say) => new CommandStream(Words, say);

    public bool Equals(CommandLines? other) => other is not null && Words.SequenceEqual(other.Words);

    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Name;
}

internal sealed record SerialLines(string Port, int Baud) : LineOrigin
{
    public override string Name => Port;

    public override bool BeginsInside => true;

    internal override LineStream Open(Action<string> say) => new SerialStream(Port, SerialSpeeds.CodeOf(Baud));

    public override string ToString() => FormattableString.Invariant($"{Port}, {Baud} baud");
}

internal abstract class LineStream : IDisposable
{
    /// <summary>0: the origin has ended or is closed.</summary>
    internal abstract int Read(Span<byte> bytes);

    /// <summary>Describes how the origin ended, such as <c>has ended with exit code 3</c>.</summary>
    internal abstract string Ending();

    /// <summary>True if a program has exited with code 0; read it after <see cref="Ending"/>.</summary>
    internal virtual bool HasSucceeded => false;

    /// <summary>Ends a pending <see cref="Read"/>; may be called on any thread.</summary>
    internal abstract void Close();

    public abstract void Dispose();
}
