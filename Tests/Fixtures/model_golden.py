"""Opens a model that charlm wrote with the safetensors library, puts its weights into PyTorch's
nn.LSTM, and writes the log-probabilities of a text as model_golden.json beside itself.

    pip install torch safetensors
    charlm train Samples/CharLM/Data/tales.txt --output Tests/Fixtures/model_golden.safetensors \\
      --hidden 11 --embedding 7 --batch 8 --sequence 20 --steps 120
    python model_golden.py
"""

import json
import pathlib

import safetensors
import torch

here = pathlib.Path(__file__)
text = "PIP:\nSir, must I put the pew among the ships?"

with safetensors.safe_open(here.with_suffix(".safetensors"), "pt") as file:
    metadata = file.metadata()
    weights = {name: file.get_tensor(name) for name in file.keys()}

values = json.loads(metadata["unroll.vocabulary"])["values"]
ids = torch.tensor([values.index(ord(c)) for c in text])
hidden = weights["1.weight_hh"].shape[1]
lstm = torch.nn.LSTM(weights["0.weight"].shape[1], hidden, num_layers=2)
with torch.no_grad():
    for layer in range(2):
        getattr(lstm, f"weight_ih_l{layer}").copy_(weights[f"{layer + 1}.weight_ih"])
        getattr(lstm, f"weight_hh_l{layer}").copy_(weights[f"{layer + 1}.weight_hh"])
        getattr(lstm, f"bias_ih_l{layer}").copy_(weights[f"{layer + 1}.bias"])
        getattr(lstm, f"bias_hh_l{layer}").zero_()
    y, _ = lstm(weights["0.weight"][ids].unsqueeze(1))
    logits = y[:, 0] @ weights["3.weight"].T + weights["3.bias"]
    log_probabilities = logits.log_softmax(-1)

golden = {
    "torch": torch.__version__,
    "safetensors": safetensors.__version__,
    "text": text,
    "shapes": {name: list(tensor.shape) for name, tensor in weights.items()},
    "log_probabilities": log_probabilities.flatten().tolist(),
}
here.with_suffix(".json").write_text(json.dumps(golden))
print(golden["shapes"])
