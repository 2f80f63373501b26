using System.Buffers;
using System.Runtime.CompilerServices;

namespace StreamLearn;

/// <summary>A message in the work of a <see cref="SinkStage"/>, used again for later ones: waiting for the work's end allocates
/// nothing.</summary>
internal sealed class Place
{
    private readonly Action _over;
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _work;
    private object? _letter;
    private bool _isOver;
    private bool _isSetAside;

    internal Place(Action<Place> over) => _over = () => over(this);

    /// <summary>The message.</summary>
    internal Item Item { get; private set; }

    /// <summary>Which of the block's messages it is, from 1.</summary>
    internal long Number { get; private set; }

    /// <summary>What it counts as while it is in the work.</summary>
    internal long Bytes { get; set; }

    /// <summary>Where it goes, where the stage publishes it.</summary>
    internal Topic Topic { get; set; }

    /// <summary>Its bytes on their way, where the stage writes any.</summary>
    internal ArrayBufferWriter<byte>? Payload { get; set; }

    /// <summary>Of those, how many belong to its envelope.</summary>
    internal int HeaderBytes { get; set; }

    /// <summary>True once the work is over and before the message is ended.</summary>
    internal bool IsOver
    {
        get => Volatile.Read(ref _isOver);
        set => Volatile.Write(ref _isOver, value);
    }

    /// <summary>True if the work succeeded.</summary>
    internal bool Processed { get; set; }

    /// <summary>True if the message failed, and its block's policy has dealt with it.</summary>
    internal bool IsSetAside => Volatile.Read(ref _isSetAside);

    /// <summary>How it is published, where the stage publishes it.</summary>
    internal PublishOptions Options { get; set; }

    /// <summary>True if a checkpoint has to hold the message, as <see cref="Look"/> found: its work was neither done nor given up, and no
    /// source would send it again.</summary>
    internal bool IsOpen { get; private set; }

    /// <summary>Why it failed; null: it succeeded, or was given up.</summary>
    internal Exception? Failure { get; set; }

    internal void Begin(in Item item, long number) => (Item, Number, Bytes) = (item, number, item.Bytes);

    /// <summary>Finds out whether a checkpoint has to hold the message. The work may end at any time: what is written is what was found
    /// once.</summary>
    internal void Look() => IsOpen = this is { Processed: false, IsSetAside: false, Item.Token: null };

    /// <summary>The block's policy has dealt with the message.</summary>
    internal void SetAside(Item? letter)
    {
        _letter = letter;
        Volatile.Write(ref _isSetAside, true);
    }

    /// <summary>What the message became when it was set aside, once.</summary>
    internal Item? TakeLetter() => (Item?)Interlocked.Exchange(ref _letter, null);

    internal void Await(ValueTask work)
    {
        _work = work.ConfigureAwait(false).GetAwaiter();
        if (_work.IsCompleted) { _over(); }
        else { _work.UnsafeOnCompleted(_over); }
    }

    /// <summary>Takes the work's result, once.</summary>
    internal void Take()
    {
        var work = _work;
        _work = default;
        work.GetResult();
    }

    /// <summary>Makes it free for the next message.</summary>
    internal void Clear()
    {
        (Item, Topic, Options, Bytes, Processed, IsOpen) = (default, default, default, 0, false, false);
        (_isSetAside, Failure, IsOver) = (false, null, false);
    }
}
