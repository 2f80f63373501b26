using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace StreamLearn.Tests;

/// <summary>A server that keeps messages until they are acknowledged, and writes down what is published.</summary>
internal sealed class KeepingServer(int messages)
{
    private readonly SortedSet<int> _open = [.. Enumerable.Range(0, messages)];
    private readonly Dictionary<MessageOrigin, string> _published = [];
    internal Lock Lock { get; } = new();

    internal int Open
    {
        get { lock (Lock) { return _open.Count; } }
    }

    /// <summary>What was published, each identity once.</summary>
    internal IReadOnlyList<string> Published
    {
        get { lock (Lock) { return [.. _published.Values]; } }
    }

    internal int Sent { get; private set; }

    /// <summary>True if an identity was used for two messages.</summary>
    internal bool HasContradiction { get; private set; }

    internal int[] Numbers
    {
        get { lock (Lock) { return [.. _open]; } }
    }

    internal void Acknowledge(int number) => _open.Remove(number);

    internal void Publish(MessageOrigin origin, string text)
    {
        Sent++;
        HasContradiction |= _published.TryGetValue(origin, out var before) && before != text;
        _published[origin] = text;
    }
}

/// <summary>A machine that is connected to a server and has a disk, until it is killed: from then on nothing of it is seen any
/// more.</summary>
internal sealed class Machine(KeepingServer server, FaultyStorage disk) : ITransport, IMessageOwner, IStorage
{
    private bool _isDead;
    public string Name => "server";
    public int MaxInFlight => 8;

    /// <summary>How often each message comes: more than once where the server sends again what nobody has acknowledged yet.</summary>
    internal int Copies { get; init; } = 1;

    /// <summary>Publications are done when it is.</summary>
    internal Task Confirming { get; init; } = Task.CompletedTask;

    /// <summary>Cuts the power. What was not synced is lost.</summary>
    internal void Kill()
    {
        lock (server.Lock)
        {
            _isDead = true;
            disk.LosePower();
        }
    }

    public async IAsyncEnumerable<Message> SubscribeAsync(
        Topic filter, SubscribeOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var messages = Channel.CreateUnbounded<int>();
        foreach (var number in Enumerable.Repeat(server.Numbers, Copies).SelectMany(static n => n)) { messages.Writer.TryWrite(number); }
        while (!cancellationToken.IsCancellationRequested)
        {
            if (!messages.Reader.TryRead(out var number))
            {
                try { await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken); }
                catch (OperationCanceledException) { yield break; }
            }
            yield return new(new("in"), new(Encoding.UTF8.GetBytes($"{number}")), new("sensor", number, 1), this, number);
        }
    }

    public ValueTask PublishAsync(Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
    {
        lock (server.Lock)
        {
            if (!_isDead) { server.Publish(options.Origin, Encoding.UTF8.GetString(payload)); }
        }
        return Confirming.IsCompleted ? default : new(Confirming.WaitAsync(cancellationToken));
    }

    public void Acknowledge(long id)
    {
        lock (server.Lock)
        {
            if (!_isDead) { server.Acknowledge((int)id); }
        }
    }

    public void Refuse(long id, string reason) { }
    public void Release(long id) { }
    public ValueTask DisposeAsync() => default;
    public void Append(string name, ReadOnlySpan<byte> bytes) { lock (server.Lock) { Alive().Append(name, bytes); } }
    public void Sync(string name) { lock (server.Lock) { Alive().Sync(name); } }
    public int ReadAt(string name, long at, Span<byte> bytes) { lock (server.Lock) { return Alive().ReadAt(name, at, bytes); } }
    public long? Length(string name) { lock (server.Lock) { return Alive().Length(name); } }
    public void Truncate(string name, long length) { lock (server.Lock) { Alive().Truncate(name, length); } }
    public void Rename(string from, string to) { lock (server.Lock) { Alive().Rename(from, to); } }
    public void Delete(string name) { lock (server.Lock) { Alive().Delete(name); } }
    public IReadOnlyList<string> List() { lock (server.Lock) { return Alive().List(); } }
    private FaultyStorage Alive() => _isDead ? throw new IOException("the machine is dead") : disk;
}

/// <summary>A transport of which every publication ends on another thread, at any time.</summary>
/// <param name="failing">Of so many publications one fails; 0: none.</param>
internal sealed class EndingTransport(int failing) : ITransport
{
    private int _published;
    public string Name => "ending";
    public int MaxInFlight => 64;

    public async ValueTask PublishAsync(
        Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _published);
        for (var turns = number % 32; turns >= 0; turns--) { await Task.Yield(); }
        if (failing > 0 && number % failing == 0) { throw new TransportException("refused", isTransient: false); }
    }

    public IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask DisposeAsync() => default;
}

/// <summary>Adds numbers up, and emits the sum of so many.</summary>
internal sealed class AddUp(int count, OperatorContext context, IOutput<Batch> output) : Operator<Batch>, IStateful
{
    private int _sum;
    private int _added;
    public string StateFormat => "add-up/1";

    public void State(ref StateStream s)
    {
        s.Value(ref _sum);
        s.Value(ref _added, 0, count);
    }

    public override void Process(Batch batch)
    {
        _sum += Blocks.Number(batch);
        _added++;
        batch.Dispose();
        if (_added < count) { return; }
        output.Emit(Blocks.Number(context.Pool, _sum));
        (_sum, _added) = (0, 0);
    }
}

internal sealed record AddUpOptions(int Count) : IOperatorOptions<Batch, Batch, AddUp>, IBlockOptions
{
    public string State => "a sum";
    public AddUp Create(OperatorContext context, IOutput<Batch> output) => new(Count, context, output);
}
