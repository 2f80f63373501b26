using System.Buffers;

namespace StreamLearn.Simulation;

/// <summary>A publication over the device's uplink, one message at a time.</summary>
internal sealed class PublishActor(VirtualDevice device, Node node) : Actor(device, node)
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);
    private readonly PublishWork _work = (PublishWork)node.Work;
    private readonly Queue<byte[]> _onTheWay = [];
    private bool _sending;
    private int _next;

    protected override void Advance()
    {
        while (!_sending && !Ended)
        {
            var took = false;
            for (var i = 0; i < Inputs.Count && !took; i++)
            {
                var input = Inputs[_next];
                _next = _next + 1 == Inputs.Count ? 0 : _next + 1;
                took = TryTake(input, out var item);
                if (took) { Send(item); }
            }

            if (took) { continue; }
            if (_onTheWay.Count == 0 && Inputs.TrueForAll(static i => i.Queue is { Ended: true, Count: 0 })) { End(); }
            return;
        }
    }

    protected override void Happened(EventKind kind)
    {
        if (kind == EventKind.Sent) { _sending = false; }
        else
        {
            var payload = _onTheWay.Dequeue();
            ((WorldTransport)_work.Transport).Deliver(_work.Topic, payload, _work.Retain);
        }

        Poke();
    }

    private void Send(in Item item)
    {
        _buffer.ResetWrittenCount();
        _work.Encode(item.Value, _buffer);
        Metrics.Took(item.Rows);
        Metrics.Add("bytes-published", _buffer.WrittenCount);
        item.End(processed: true);
        World.Trace(Device, Node, "publish", _buffer.WrittenCount);
        var sent = Device.Up.Send(World.Elapsed, _buffer.WrittenCount);
        var payload = _buffer.WrittenSpan.ToArray();
        if (sent + Device.Link.Delay == World.Elapsed)
        {
            ((WorldTransport)_work.Transport).Deliver(_work.Topic, payload, _work.Retain);
            return;
        }

        _sending = true;
        _onTheWay.Enqueue(payload);
        World.At(sent, EventKind.Sent, this);
        World.At(sent + Device.Link.Delay, EventKind.Arrival, this);
    }
}
