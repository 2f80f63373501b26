using System.Buffers;

namespace StreamLearn;

/// <summary>What a host makes of a node when it runs.</summary>
internal abstract record Work;

internal sealed record OperatorWork(Type Operator, Func<OperatorContext, Ports, Operator> Create) : Work;

internal sealed record SourceWork(Func<OperatorContext, Source> Create) : Work;

internal sealed record SequenceWork(Func<OperatorContext, CancellationToken, IAsyncEnumerable<object>> Open) : Work;

internal sealed record SubscribeWork(ITransport Transport, Topic Filter, SubscribeOptions Options, Decode Decode) : Work;

internal sealed record PublishWork(
    ITransport Transport, Topic Topic, string Codec, bool Retain, Action<object, IBufferWriter<byte>> Encode) : Work;

internal sealed record InputWork : Work;

internal sealed record OutputWork : Work;

internal sealed record ForeignWork(Func<IForeignBlock> Open) : Work;

internal delegate object? Decode(in ReadOnlySequence<byte> bytes, BatchPool pool);

/// <summary>A TPL Dataflow block of somebody else's, seen by the dataflow host.</summary>
internal interface IForeignBlock
{
    Task<bool> SendAsync(object item, CancellationToken cancellationToken);

    void Complete();

    Task Completion { get; }

    IAsyncEnumerable<object> ReadAllAsync(CancellationToken cancellationToken);
}
