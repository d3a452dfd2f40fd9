import UnrollCore

extension LayerRegistry {
  /// Every built-in layer and cell. Add your own to a copy:
  ///
  /// ```
  /// var registry = LayerRegistry<Float>.standard
  /// registry.register(Scale.self)
  /// ```
  public static var standard: LayerRegistry {
    var registry = LayerRegistry()
    registry.register(Activation<Element>.self)
    registry.register(AttentionPooling<Element>.self)
    registry.register(Attention<Element>.self)
    registry.register(Bidirectional<Element>.self)
    registry.register(BothEnds<Element>.self)
    registry.register(ConditionalRandomField<Element>.self)
    registry.register(Convolution<Element>.self)
    registry.register(Dense<Element>.self)
    registry.register(DenseSoftmax<Element>.self)
    registry.register(Dropout<Element>.self)
    registry.register(Embedding<Element>.self)
    registry.register(GRUCell<Element>.self)
    registry.register(IncrementalQuantiles<Element>.self)
    registry.register(LastStep<Element>.self)
    registry.register(LayerNorm<Element>.self)
    registry.register(LayerNormLSTMCell<Element>.self)
    registry.register(LSTMCell<Element>.self)
    registry.register(MaxOverTime<Element>.self)
    registry.register(MeanOverTime<Element>.self)
    registry.register(MinGRUCell<Element>.self)
    registry.register(MinLSTMCell<Element>.self)
    registry.register(Parallel<Element>.self)
    registry.register(QRNNCell<Element>.self)
    registry.register(Recompute<Element>.self)
    registry.register(RecurrentDropoutCell<Element>.self)
    registry.register(Residual<Element>.self)
    registry.register(RNNCell<Element>.self)
    registry.register(SegmentNetwork<Element>.self)
    registry.register(SelfAttention<Element>.self)
    registry.register(SequenceToSequence<Element>.self)
    registry.register(SRUCell<Element>.self)
    registry.register(TiedEmbedding<Element>.self)
    registry.register(WindowSteps<Element>.self)
    registry.register(WordEmbedding<Element>.self)
    registry.register(ZoneoutCell<Element>.self)
    return registry
  }
}
