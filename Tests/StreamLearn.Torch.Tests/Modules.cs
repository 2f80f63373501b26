using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace StreamLearn.Torch.Tests;

/// <summary>A recurrent layer over a window, of which the last step answers.</summary>
internal sealed class LstmNet : Module<Tensor, Tensor>
{
    private readonly InputScale _scale;
    private readonly LSTM _lstm;
    private readonly Linear _head;

    internal LstmNet(int channels, int hidden, int classes) : base(nameof(LstmNet))
    {
        _scale = new(channels);
        _lstm = LSTM(channels, hidden, batchFirst: true);
        _head = Linear(hidden, classes);
        register_module("scale", _scale);
        register_module("lstm", _lstm);
        register_module("head", _head);
    }

    public override Tensor forward(Tensor input)
    {
        var (steps, _, _) = _lstm.call(_scale.call(input).transpose(1, 2));
        return _head.call(steps[TensorIndex.Colon, -1]);
    }
}

/// <summary>A gated recurrent layer, alike.</summary>
internal sealed class GruNet : Module<Tensor, Tensor>
{
    private readonly GRU _gru;
    private readonly Linear _head;

    internal GruNet(int channels, int hidden, int classes) : base(nameof(GruNet))
    {
        (_gru, _head) = (GRU(channels, hidden, batchFirst: true), Linear(hidden, classes));
        register_module("gru", _gru);
        register_module("head", _head);
    }

    public override Tensor forward(Tensor input)
    {
        var (steps, _) = _gru.call(input.transpose(1, 2));
        return _head.call(steps[TensorIndex.Colon, -1]);
    }
}

/// <summary>One block of attention over a window: tokens by two strided convolutions, learned places, mean and smooth maximum of the
/// tokens.</summary>
internal sealed class AttentionNet : Module<Tensor, Tensor>
{
    private readonly InputScale _scale;
    private readonly Sequential _tokens;
    private readonly Parameter _places;
    private readonly LayerNorm _before;
    private readonly MultiheadAttention _attention;
    private readonly LayerNorm _after;
    private readonly Sequential _feed;
    private readonly Linear _head;

    internal AttentionNet(int channels, int samples, int classes, int width = 32, int kernel = 9) : base(nameof(AttentionNet))
    {
        _scale = new(channels);
        _tokens = Sequential(("a", Conv1d(channels, width / 2, kernel, 2, kernel / 2)), ("r", GELU()),
            ("b", Conv1d(width / 2, width, kernel, 2, kernel / 2)));
        _places = Parameter(randn(samples / 4, width) * 0.02f);
        _before = LayerNorm(width);
        _attention = MultiheadAttention(width, 4);
        _after = LayerNorm(width);
        _feed = Sequential(("up", Linear(width, 2 * width)), ("gelu", GELU()), ("down", Linear(2 * width, width)));
        _head = Linear(2 * width, classes);
        register_module("scale", _scale);
        register_module("tokens", _tokens);
        register_parameter("places", _places);
        register_module("before", _before);
        register_module("attention", _attention);
        register_module("after", _after);
        register_module("feed", _feed);
        register_module("head", _head);
    }

    public override Tensor forward(Tensor input)
    {
        var x = _tokens.call(_scale.call(input)).permute(2, 0, 1) + _places.unsqueeze(1);      // [tokens, rows, width]
        var y = _before.call(x);
        var (mixed, _) = _attention.call(y, y, y, null, false, null);
        x += mixed;
        x += _feed.call(_after.call(x));
        return _head.call(cat([x.mean([0]), x.logsumexp(0)], 1));
    }
}
