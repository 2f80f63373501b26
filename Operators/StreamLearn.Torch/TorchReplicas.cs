using StreamLearn.Models;

namespace StreamLearn.Torch;

/// <summary>The modules of a model: as many of each kind as calls were under way at a time, used again and again.</summary>
internal sealed class TorchReplicas(Func<bool, TorchReplica> make)
{
    private readonly Lock _gate = new();
    private readonly List<TorchReplica> _training = [];
    private readonly List<TorchReplica> _answering = [];

    /// <summary>A module that nobody uses; among those that answer, one that has the version already, if there is one.</summary>
    internal TorchReplica Rent(bool training, Weights? version = null)
    {
        var free = training ? _training : _answering;
        lock (_gate)
        {
            if (free.Count > 0)
            {
                var at = version is null ? free.Count - 1 : Math.Max(0, free.FindIndex(r => ReferenceEquals(r.Version, version)));
                var replica = free[at];
                free.RemoveAt(at);
                return replica;
            }
        }

        return make(training);
    }

    /// <summary>Takes a module back. One whose call failed is not given back: nobody knows what it holds.</summary>
    internal void Return(TorchReplica replica, bool training)
    {
        lock (_gate) { (training ? _training : _answering).Add(replica); }
    }
}
