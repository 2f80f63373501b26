using System.Collections.Immutable;

namespace StreamLearn.Formats;

/// <summary>Where lines come from as they are measured. It is opened again whenever it ends, unless
/// <see cref="LineOptions.EndsWithProgram"/> says otherwise.</summary>
public abstract record LineOrigin
{
    private protected LineOrigin() { }

    /// <summary>What it is called, such as <c>python3 read.py</c>.</summary>
    public abstract string Name { get; }

    /// <summary>True if what comes first may be the end of a line.</summary>
    internal abstract bool BeginsInside { get; }

    /// <summary>Opens it. <paramref name="say"/>: takes lines that it says beside its rows.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    internal abstract LineStream Open(Action<string> say);
}

/// <summary>The standard output of a program.</summary>
/// <remarks>The program is started in a process group of its own where there is <c>setsid</c>. When the run ends, the group gets SIGTERM,
/// and SIGKILL a second later. Its standard input stays open as long as this program lives. <c>PYTHONUNBUFFERED</c> is set for it, so that
/// rows of Python come one by one.</remarks>
/// <param name="Command">The program, and its arguments.</param>
public sealed record CommandLines(ImmutableArray<string> Command) : LineOrigin
{
    /// <inheritdoc />
    public override string Name => string.Join(' ', Command);

    internal override bool BeginsInside => false;

    internal override LineStream Open(Action<string> say) => new CommandStream(Command, say);

    /// <inheritdoc />
    public bool Equals(CommandLines? other) => other is not null && Command.SequenceEqual(other.Command);

    /// <inheritdoc />
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc />
    public override string ToString() => Name;
}

/// <summary>A serial port, or another terminal, of Linux: 8 data bits, no parity, no flow control.</summary>
/// <param name="Port">The device, such as <c>/dev/ttyUSB0</c>.</param>
/// <param name="Baud">Bits a second, one of <see cref="Speeds"/>.</param>
public sealed record SerialLines(string Port, int Baud) : LineOrigin
{
    /// <summary>The speeds that there are.</summary>
    public static ImmutableArray<int> Speeds => SerialSpeeds.All;

    /// <inheritdoc />
    public override string Name => Port;

    internal override bool BeginsInside => true;

    internal override LineStream Open(Action<string> say) => new SerialStream(Port, SerialSpeeds.CodeOf(Baud));

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"{Port}, {Baud} baud");
}

/// <summary>An origin that is open.</summary>
internal abstract class LineStream : IDisposable
{
    /// <summary>Waits for bytes, and reads them; 0: it has ended, or was closed.</summary>
    /// <exception cref="IOException">It cannot be read any more.</exception>
    internal abstract int Read(Span<byte> bytes);

    /// <summary>How it ended, once it has: <c>has ended with exit code 3</c>.</summary>
    internal abstract string Ending();

    /// <summary>True if it is a program that has ended with exit code 0; asked after <see cref="Ending"/>.</summary>
    internal virtual bool HasSucceeded => false;

    /// <summary>Lets a call of <see cref="Read"/> come back, from any thread.</summary>
    internal abstract void Close();

    public abstract void Dispose();
}
